//! Why the cost of a call is not known.

use std::fmt;

use super::class::PriceClass;

/// Why the cost of a call is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unpriced {
    /// The provider did not say what was used.
    NoUsage,
    /// The call names no model.
    NoModel,
    /// No prices are known of this provider.
    UnknownProvider(String),
    /// No price is known of this model.
    UnknownModel(String),
    /// The model has no price for something that was used.
    NoClassPrice(PriceClass),
}

impl Unpriced {
    /// The words for the reasons, by [`index`](Self::index).
    pub(crate) const WORDS: [&'static str; 5] = [
        "no_usage",
        "no_model",
        "unknown_provider",
        "unknown_model",
        "no_class_price",
    ];

    /// The word for the reason in the metrics' labels.
    pub fn as_str(&self) -> &'static str {
        Self::WORDS.get(self.index()).copied().unwrap_or_default()
    }

    pub(crate) const fn index(&self) -> usize {
        match self {
            Unpriced::NoUsage => 0,
            Unpriced::NoModel => 1,
            Unpriced::UnknownProvider(_) => 2,
            Unpriced::UnknownModel(_) => 3,
            Unpriced::NoClassPrice(_) => 4,
        }
    }
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unpriced::NoUsage => f.write_str("no usage"),
            Unpriced::NoModel => f.write_str("no model"),
            Unpriced::UnknownProvider(name) => write!(f, "no prices of provider {name:?}"),
            Unpriced::UnknownModel(name) => write!(f, "no price for model {name:?}"),
            Unpriced::NoClassPrice(class) => write!(f, "no price for {class}"),
        }
    }
}
