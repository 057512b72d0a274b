// Made from the buf.validate rules of zoo.v1. Do not edit.

static PATTERN_1: ::transcode::rules::Pattern = ::transcode::rules::Pattern::new(
    "^[a-z]+$",
);
impl ::transcode::Validate for super::pb::CountRequest {
    fn check(&self, _: ::transcode::Path<'_>, _: &mut ::transcode::Violations) {}
}
impl ::transcode::Validate for super::pb::Tag {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("label");
            let value = &self.label;
            ::transcode::rules::no_nul(value, &at, out);
            ::transcode::rules::pattern(value, &PATTERN_1, &at, out);
        }
    }
}
impl ::transcode::Validate for super::pb::Untouched {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("free");
            let value = &self.free;
            ::transcode::rules::no_nul(value, &at, out);
        }
    }
}
impl ::transcode::Validate for super::pb::Animal {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("name");
            if ::transcode::rules::required(!self.name.is_empty(), &at, out) {
                let value = &self.name;
                ::transcode::rules::no_nul(value, &at, out);
                ::transcode::rules::min_len(value, 2, &at, out);
                ::transcode::rules::max_len(value, 5, &at, out);
            }
        }
        {
            let at = at.field("type");
            let value = &self.r#type;
            ::transcode::rules::no_nul(value, &at, out);
            ::transcode::rules::one_of(
                value.as_str(),
                &["", "cat", "a \"dog\""],
                "\"\", \"cat\", \"a \\\"dog\\\"\"",
                &at,
                out,
            );
        }
        {
            let at = at.field("keeper");
            if !self.keeper.is_empty() {
                let value = &self.keeper;
                ::transcode::rules::no_nul(value, &at, out);
                ::transcode::rules::email(value, &at, out);
            }
        }
        {
            let at = at.field("note");
            if let Some(value) = &self.note {
                ::transcode::rules::no_nul(value, &at, out);
                ::transcode::rules::min_len(value, 1, &at, out);
                ::transcode::rules::pattern(value, &PATTERN_1, &at, out);
            }
        }
        {
            let at = at.field("diet");
            let value = self.diet;
            ::transcode::rules::defined_only(value, &[-2, 0, 1, 5], &at, out);
            ::transcode::rules::none_of(value, &[0], "DIET_UNSPECIFIED", &at, out);
        }
        {
            let at = at.field("body");
            ::transcode::rules::required(self.body.is_some(), &at, out);
            if let Some(value) = &self.body {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("tags");
            ::transcode::rules::min_items(self.tags.len(), 1, &at, out);
            ::transcode::rules::max_items(self.tags.len(), 2, &at, out);
            for (index, value) in self.tags.iter().enumerate() {
                if out.is_full() {
                    break;
                }
                ::transcode::Validate::check(value, at.index(index), out);
            }
        }
        {
            let at = at.field("menu");
            ::transcode::rules::unique(&self.menu, &at, out);
            for (index, value) in self.menu.iter().copied().enumerate() {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.index(index);
                    ::transcode::rules::one_of(value, &[1, 5], "PLANTS, MEAT", &at, out);
                }
            }
        }
        {
            let at = at.field("names");
            ::transcode::rules::unique(&self.names, &at, out);
            for (index, value) in self.names.iter().enumerate() {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.index(index);
                    if !value.is_empty() {
                        ::transcode::rules::no_nul(value, &at, out);
                        ::transcode::rules::max_len(value, 3, &at, out);
                        ::transcode::rules::none_of(
                            value.as_str(),
                            &["bad"],
                            "\"bad\"",
                            &at,
                            out,
                        );
                    }
                }
            }
        }
        {
            let at = at.field("metadata");
            ::transcode::rules::min_pairs(self.metadata.len(), 1, &at, out);
            ::transcode::rules::max_pairs(self.metadata.len(), 3, &at, out);
            for (key, value) in &self.metadata {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.map_key(key);
                    let value = key;
                    ::transcode::rules::no_nul(value, &at, out);
                    ::transcode::rules::min_len(value, 1, &at, out);
                    ::transcode::rules::max_len(value, 3, &at, out);
                }
                {
                    let at = at.key(key);
                    ::transcode::rules::no_nul(value, &at, out);
                    ::transcode::rules::max_len(value, 4, &at, out);
                }
            }
        }
        {
            let at = at.field("rooms");
            for (key, value) in &self.rooms {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.map_key(key);
                    let value = *key;
                    ::transcode::rules::range(value, 0.., &at, out);
                }
                ::transcode::Validate::check(value, at.key(key), out);
            }
        }
        {
            let at = at.field("guests");
            for (key, value) in &self.guests {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.map_key(key);
                    let value = key;
                    ::transcode::rules::no_nul(value, &at, out);
                }
                {
                    let at = at.key(key);
                    let value = *value;
                    ::transcode::rules::defined_only(value, &[-2, 0, 1, 5], &at, out);
                }
            }
        }
        {
            let at = at.field("seen");
            for (key, value) in &self.seen {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.map_key(key);
                    let value = *key;
                    ::transcode::rules::range(value, ..10, &at, out);
                }
                {
                    let at = at.key(key);
                    ::transcode::rules::no_nul(value, &at, out);
                }
            }
        }
        {
            let at = at.field("parent");
            if let Some(value) = &self.parent {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("children");
            for (index, value) in self.children.iter().enumerate() {
                if out.is_full() {
                    break;
                }
                ::transcode::Validate::check(value, at.index(index), out);
            }
        }
        {
            let at = at.field("label");
            if let Some(super::pb::animal::KindOneOf::Label(value)) = &self.kind {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("twin");
            if let Some(super::pb::animal::KindOneOf::Twin(value)) = &self.kind {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("born");
            ::transcode::rules::required(self.born.is_some(), &at, out);
        }
        {
            let at = at.field("alive");
            ::transcode::rules::required(self.alive, &at, out);
        }
        {
            let at = at.field("height");
            ::transcode::rules::required(self.height.to_bits() != 0, &at, out);
        }
        {
            let at = at.field("scores");
            if ::transcode::rules::required(!self.scores.is_empty(), &at, out) {
                for (index, value) in self.scores.iter().copied().enumerate() {
                    if out.is_full() {
                        break;
                    }
                    {
                        let at = at.index(index);
                        ::transcode::rules::range(value, ..=10, &at, out);
                    }
                }
            }
        }
        {
            let at = at.field("chip");
            ::transcode::rules::required(self.chip.is_some(), &at, out);
        }
        {
            let at = at.field("super");
            let value = &self.super_;
            ::transcode::rules::no_nul(value, &at, out);
            ::transcode::rules::max_len(value, 3, &at, out);
        }
        {
            let at = at.field("self_image");
            if let Some(value) = &self.self_image {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("untouched");
            if let Some(value) = &self.untouched {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("photo");
            ::transcode::rules::required(!self.photo.is_empty(), &at, out);
        }
    }
}
impl ::transcode::Validate for super::pb::animal::Body {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("legs");
            let value = self.legs;
            ::transcode::rules::range(value, 0..=1_000_000, &at, out);
        }
        {
            let at = at.field("weight");
            let value = self.weight;
            ::transcode::rules::range(
                value,
                (
                    ::core::ops::Bound::Excluded(-5),
                    ::core::ops::Bound::Excluded(9_007_199_254_740_991),
                ),
                &at,
                out,
            );
        }
        {
            let at = at.field("eyes");
            let value = self.eyes;
            ::transcode::rules::one_of(value, &[0, 2, 8], "0, 2, 8", &at, out);
        }
        {
            let at = at.field("age");
            if let Some(value) = self.age {
                ::transcode::rules::range(
                    value,
                    (::core::ops::Bound::Excluded(0), ::core::ops::Bound::Unbounded),
                    &at,
                    out,
                );
                ::transcode::rules::none_of(value, &[13], "13", &at, out);
            }
        }
    }
}
impl ::transcode::Validate for super::pb::animal::Self_ {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("name");
            let value = &self.name;
            ::transcode::rules::no_nul(value, &at, out);
            ::transcode::rules::max_len(value, 1, &at, out);
        }
    }
}
impl ::transcode::Validate for super::pb::Portion {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        ::transcode::rules::oneof(
            &[self.grams.is_some(), self.pieces.is_some()],
            true,
            "grams, pieces",
            &at,
            out,
        );
    }
}
impl ::transcode::Validate for super::pb::Meal {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        ::transcode::rules::oneof(
            &[
                !self.name.is_empty(),
                !self.numbers.is_empty(),
                !self.notes.is_empty(),
                self.hot,
                self.salt.to_bits() != 0,
                self.diet != 0,
                self.guest.is_some(),
                self.maybe.is_some(),
                matches!(& self.drink, Some(super::pb::meal::Drink::Water(_))),
                matches!(& self.drink, Some(super::pb::meal::Drink::Wine(_))),
            ],
            false,
            "name, numbers, notes, hot, salt, diet, guest, maybe, water, wine",
            &at,
            out,
        );
        ::transcode::rules::oneof(&[self.code != 0], true, "code", &at, out);
        {
            let at = at.field("name");
            if !self.name.is_empty() {
                let value = &self.name;
                ::transcode::rules::no_nul(value, &at, out);
                ::transcode::rules::min_len(value, 2, &at, out);
            }
        }
        {
            let at = at.field("numbers");
            if !self.numbers.is_empty() {
                ::transcode::rules::min_items(self.numbers.len(), 2, &at, out);
            }
        }
        {
            let at = at.field("notes");
            if !self.notes.is_empty() {
                ::transcode::rules::min_pairs(self.notes.len(), 2, &at, out);
                for key in self.notes.keys() {
                    if out.is_full() {
                        break;
                    }
                    {
                        let at = at.map_key(key);
                        let value = key;
                        ::transcode::rules::no_nul(value, &at, out);
                    }
                }
            }
        }
        {
            let at = at.field("diet");
            if self.diet != 0 {
                let value = self.diet;
                ::transcode::rules::none_of(value, &[1], "PLANTS", &at, out);
            }
        }
        {
            let at = at.field("guest");
            if let Some(value) = &self.guest {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("maybe");
            if let Some(value) = self.maybe {
                ::transcode::rules::range(
                    value,
                    (::core::ops::Bound::Excluded(0), ::core::ops::Bound::Unbounded),
                    &at,
                    out,
                );
            }
        }
        {
            let at = at.field("wine");
            if let Some(super::pb::meal::Drink::Wine(value)) = &self.drink {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("code");
            let value = self.code;
            ::transcode::rules::range(
                value,
                (::core::ops::Bound::Excluded(5), ::core::ops::Bound::Unbounded),
                &at,
                out,
            );
        }
    }
}
impl ::transcode::Validate for super::pb::Menu {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("portion");
            if let Some(value) = &self.portion {
                ::transcode::Validate::check(value, at, out);
            }
        }
        {
            let at = at.field("portions");
            for (index, value) in self.portions.iter().enumerate() {
                if out.is_full() {
                    break;
                }
                ::transcode::Validate::check(value, at.index(index), out);
            }
        }
        {
            let at = at.field("portion_by_name");
            for (key, value) in &self.portion_by_name {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.map_key(key);
                    let value = key;
                    ::transcode::rules::no_nul(value, &at, out);
                }
                ::transcode::Validate::check(value, at.key(key), out);
            }
        }
        {
            let at = at.field("meals");
            for (index, value) in self.meals.iter().enumerate() {
                if out.is_full() {
                    break;
                }
                ::transcode::Validate::check(value, at.index(index), out);
            }
        }
    }
}
impl ::transcode::Validate for super::pb::Herd {
    #[allow(clippy::too_many_lines)]
    fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
        {
            let at = at.field("animals");
            for (key, value) in &self.animals {
                if out.is_full() {
                    break;
                }
                {
                    let at = at.map_key(key);
                    let value = key;
                    ::transcode::rules::no_nul(value, &at, out);
                }
                ::transcode::Validate::check(value, at.key(key), out);
            }
        }
    }
}
