//! Without the feature `prices` there are no data but the user's table.

use super::call::Call;
use super::cost::Cost;
use super::portions::Portions;
use super::unpriced::Unpriced;

pub(super) const DATA_DATE: Option<&str> = None;

pub(super) const fn load() -> bool {
    false
}

pub(super) fn cost(_: &Call<'_>, model: &str, _: &Portions) -> Result<Cost, Unpriced> {
    Err(Unpriced::UnknownModel(model.to_owned()))
}
