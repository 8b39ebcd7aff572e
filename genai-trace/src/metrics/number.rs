//! Numbers as the exposition prints them: exact where they are whole or decimal.

use std::fmt;

/// A value, a sum or a bucket's bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Count(u64),
    Level(i64),
    /// `units` divided by ten to the power of `decimals`.
    Decimal {
        units: u64,
        decimals: u32,
    },
    Float(f64),
}

impl Number {
    /// The nearest float.
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Number::Count(value) => value as f64,
            Number::Level(value) => value as f64,
            Number::Decimal { units, decimals } => units as f64 / 10_f64.powi(decimals as i32),
            Number::Float(value) => value,
        }
    }

    /// What is left without `other`: exact for two numbers of the same kind, and never below zero where they are
    /// counts.
    #[cfg(feature = "otlp")]
    pub(crate) fn minus(self, other: Number) -> Number {
        match (self, other) {
            (Number::Count(a), Number::Count(b)) => Number::Count(a.saturating_sub(b)),
            (Number::Level(a), Number::Level(b)) => Number::Level(a.saturating_sub(b)),
            (
                Number::Decimal { units: a, decimals },
                Number::Decimal {
                    units: b,
                    decimals: same,
                },
            ) if decimals == same => Number::Decimal {
                units: a.saturating_sub(b),
                decimals,
            },
            (a, b) => Number::Float(a.as_f64() - b.as_f64()),
        }
    }

    /// The sum: exact for two numbers of the same kind, saturating.
    pub(crate) fn plus(self, other: Number) -> Number {
        match (self, other) {
            (Number::Count(a), Number::Count(b)) => Number::Count(a.saturating_add(b)),
            (Number::Level(a), Number::Level(b)) => Number::Level(a.saturating_add(b)),
            (
                Number::Decimal { units: a, decimals },
                Number::Decimal {
                    units: b,
                    decimals: same,
                },
            ) if decimals == same => Number::Decimal {
                units: a.saturating_add(b),
                decimals,
            },
            (a, b) => Number::Float(a.as_f64() + b.as_f64()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Number::Count(value) => write!(f, "{value}"),
            Number::Level(value) => write!(f, "{value}"),
            Number::Decimal { units, decimals } => decimal(f, units, decimals),
            Number::Float(value) => float(f, value),
        }
    }
}

/// Writes `units` with a point before the last `decimals` digits, without zeros at the end.
fn decimal(f: &mut fmt::Formatter<'_>, units: u64, decimals: u32) -> fmt::Result {
    let one = 10_u64.saturating_pow(decimals);
    let (whole, mut part) = (units / one, units % one);
    write!(f, "{whole}")?;
    if part == 0 {
        return Ok(());
    }
    let mut width = decimals as usize;
    while part % 10 == 0 {
        part /= 10;
        width -= 1;
    }
    write!(f, ".{part:0width$}")
}

/// Writes the shortest digits that read back as the same float, in the spelling of Prometheus.
fn float(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value.is_nan() {
        f.write_str("NaN")
    } else if value.is_infinite() {
        f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        write!(f, "{value}")
    } else {
        write!(f, "{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Count, Decimal, Float, Level};

    #[test]
    fn decimals_are_exact_and_short() {
        let seconds = |units| Decimal { units, decimals: 9 }.to_string();
        assert_eq!(seconds(0), "0");
        assert_eq!(seconds(10_000_000), "0.01");
        assert_eq!(seconds(81_920_000_000), "81.92");
        assert_eq!(seconds(1_000_000_000), "1");
        assert_eq!(seconds(1), "0.000000001");
        assert_eq!(seconds(u64::MAX), "18446744073.709551615");
        let whole = Decimal {
            units: 1200,
            decimals: 0,
        };
        assert_eq!(whole.to_string(), "1200");
    }

    #[test]
    fn floats_are_the_shortest_that_read_back() {
        assert_eq!(Float(0.1).to_string(), "0.1");
        assert_eq!(Float(3.0).to_string(), "3");
        assert_eq!(Float(-0.0).to_string(), "-0");
        assert_eq!(Float(1e300).to_string(), "1e300");
        assert_eq!(Float(2.5e-9).to_string(), "2.5e-9");
        assert_eq!(Float(f64::NAN).to_string(), "NaN");
        assert_eq!(Float(f64::INFINITY).to_string(), "+Inf");
        assert_eq!(Float(f64::NEG_INFINITY).to_string(), "-Inf");
    }

    #[test]
    fn numbers_of_one_kind_add_up_exactly() {
        let tenth = |units| Decimal { units, decimals: 1 };
        assert_eq!(tenth(1).plus(tenth(2)), tenth(3));
        assert_eq!(Count(u64::MAX).plus(Count(1)), Count(u64::MAX));
        assert_eq!(Level(-1).plus(Level(3)), Level(2));
        assert_eq!(Count(1).plus(Float(0.5)), Float(1.5));
    }
}
