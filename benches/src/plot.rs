//! The figures as a picture: plain SVG, which a browser shows in light and dark.

use std::fmt::Write;

use crate::contenders::{ALL, OURS};
use crate::figures::Figures;
use crate::rounds::Rounds;

/// The picture's width, that of a phone.
const WIDTH: f64 = 390.0;
/// Where the bars begin and the longest one ends, with room for its figure.
const LEFT: f64 = 112.0;
const RIGHT: f64 = 334.0;
/// From one contender to the next, and a bar of one.
const STEP: f64 = 38.0;
const BAR: f64 = 13.0;
/// Above the bars, and below them.
const TOP: f64 = 58.0;
const BOTTOM: f64 = 30.0;

const STYLE: &str = "\
  svg { background: #ffffff; color: #1f2328 }
  text { font: 12px system-ui, sans-serif; fill: currentColor }
  .title { font-weight: 600 }
  .small { font-size: 11px }
  .ours { font-weight: 600 }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .caller { fill: #0969da }
  .cpu { fill: #9a6700 }
  .theirs { opacity: 0.55 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 }
    .grid { stroke: #30363d }
    .caller { fill: #4493f8 }
    .cpu { fill: #d29922 }
  }
";

/// What a bar shows: the class of its colour, its name, and the figure.
type Bar = (&'static str, &'static str, fn(&Figures) -> f64);
const BARS: [Bar; 2] = [
    ("caller", "on the caller", |of| of.caller_ns),
    ("cpu", "CPU of all threads", |of| of.cpu_ns),
];

/// Horizontal bars of what a span costs, on a logarithmic scale.
pub fn svg(rounds: &Rounds) -> String {
    let rows: Vec<_> = ALL
        .iter()
        .filter(|entry| entry.writes())
        .filter_map(|entry| {
            let caller = rounds.middle(entry.name, BARS[0].2)?;
            let cpu = rounds.middle(entry.name, BARS[1].2)?;
            Some((entry.name, [caller, cpu]))
        })
        .collect();
    draw(&rows)
}

fn draw(rows: &[(&str, [f64; 2])]) -> String {
    let least = 10.0;
    let most = rows
        .iter()
        .flat_map(|(_, figures)| figures)
        .fold(1000.0, |most: f64, figure| most.max(*figure));
    let decades = (most / least).log10();
    let place = |figure: f64| {
        let share = (figure.max(least) / least).log10() / decades;
        LEFT + share * (RIGHT - LEFT)
    };
    let below = TOP + rows.len() as f64 * STEP;
    let height = below + BOTTOM;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"what a span costs, in nanoseconds\">\n<style>\n{STYLE}</style>\n\
         <text x=\"8\" y=\"20\" class=\"title\">Nanoseconds a span, on a logarithmic scale</text>\n"
    );
    for (number, (class, label, _)) in BARS.iter().enumerate() {
        let x = 8.0 + number as f64 * 112.0;
        line(
            &mut out,
            format_args!(
                "<rect x=\"{x}\" y=\"31\" width=\"{BAR}\" height=\"{BAR}\" class=\"{class}\"/>\
                 <text x=\"{}\" y=\"42\" class=\"small\">{label}</text>",
                x + BAR + 5.0
            ),
        );
    }
    for decade in 0..=decades as i32 {
        let figure = least * 10_f64.powi(decade);
        let x = place(figure);
        line(
            &mut out,
            format_args!(
                "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{below}\" class=\"grid\"/>\
                 <text x=\"{x:.1}\" y=\"{}\" class=\"small\" text-anchor=\"middle\">{}</text>",
                below + 18.0,
                grouped(figure)
            ),
        );
    }
    for (number, (name, figures)) in rows.iter().enumerate() {
        let y = TOP + number as f64 * STEP + 5.0;
        let (text, bars) = if name.starts_with(OURS) {
            ("ours", "")
        } else {
            ("", " theirs")
        };
        line(
            &mut out,
            format_args!(
                "<text x=\"{}\" y=\"{}\" class=\"{text}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + BAR + 4.0,
                shorter(name)
            ),
        );
        for (bar, ((class, _, _), figure)) in BARS.iter().zip(figures).enumerate() {
            let (y, x) = (y + bar as f64 * (BAR + 1.0), place(*figure));
            line(
                &mut out,
                format_args!(
                    "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"{BAR}\" \
                     class=\"{class}{bars}\"/>\
                     <text x=\"{:.1}\" y=\"{}\" class=\"small\">{}</text>",
                    (x - LEFT).max(1.0),
                    x + 4.0,
                    y + 11.0,
                    grouped(*figure)
                ),
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{text}");
}

/// A name that has room beside the bars.
fn shorter(name: &str) -> String {
    name.replace("genai-trace-crash-safe", "… crash-safe")
}

/// A figure with its thousands apart; below 100 with one digit more.
fn grouped(figure: f64) -> String {
    let digits = if figure < 99.5 && figure.fract() != 0.0 {
        return format!("{figure:.1}");
    } else {
        format!("{figure:.0}")
    };
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
