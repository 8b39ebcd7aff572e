//! What the metrics say when they are scraped.

/// How many tool calls `text`, in Prometheus's format, has counted, by counter and by histogram.
pub fn tool_calls(text: &str) -> Option<(u64, u64)> {
    let value = |series: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(series))?;
        line.trim().parse().ok()
    };
    Some((
        value("tools_called_total{tool=\"read_file\"}")?,
        value("tool_latency_ms_count{tool=\"read_file\"}")?,
    ))
}
