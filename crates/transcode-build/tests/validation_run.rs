//! Generated validation at work: the code of `validation/checks.rs` on the types of `validation/pb.rs`.

use std::collections::BTreeMap;

use pb::animal::{Body, KindOneOf, Self_};
use pb::meal::Drink;
use pb::{Animal, CountRequest, Diet, Herd, Meal, Menu, Portion, Tag};
use transcode::validate;

#[allow(clippy::pedantic, unreachable_pub, missing_docs)]
mod pb {
    include!("validation/pb.rs");
}

mod checks {
    include!("validation/checks.rs");
}

fn tag(label: &str) -> Tag {
    Tag { label: label.into() }
}

fn valid() -> Animal {
    Animal {
        name: "Rex".into(),
        r#type: "cat".into(),
        diet: Diet::Meat.into(),
        body: Some(Body { legs: 4, ..Body::default() }),
        tags: vec![tag("a")],
        metadata: BTreeMap::from([("a".into(), "b".into())]),
        born: Some(prost_types::Timestamp::default()),
        alive: true,
        height: 0.5,
        scores: vec![1],
        chip: Some(0),
        photo: vec![0],
        ..Animal::default()
    }
}

/// The violations of a message as `path code`.
fn broken<M: transcode::Validate>(message: &M) -> Vec<String> {
    let violations = validate(message).err().unwrap_or_default();
    violations.into_iter().map(|violation| format!("{} {}", violation.field, violation.code)).collect()
}

#[test]
fn a_valid_message_passes() {
    assert_eq!(broken(&valid()), [""; 0]);
    assert_eq!(broken(&CountRequest {}), [""; 0]);
}

#[test]
fn an_empty_message_misses_what_is_required() {
    let expected = [
        "name required",
        "diet not_in",
        "body required",
        "tags too_few",
        "metadata too_few",
        "born required",
        "alive required",
        "height required",
        "scores required",
        "chip required",
        "photo required",
    ];
    assert_eq!(broken(&Animal::default()), expected);
}

type Change = fn(&mut Animal);

#[test]
fn one_change_breaks_one_rule() {
    let cases: &[(Change, &[&str])] = &[
        (|animal| animal.name = "x".into(), &["name too_short"]),
        (|animal| animal.name = "déjàvu".into(), &["name too_long"]),
        (|animal| animal.r#type = "dog".into(), &["type not_in"]),
        (|animal| animal.keeper = "nobody".into(), &["keeper invalid_email"]),
        (|animal| animal.keeper = "a@b.example".into(), &[]),
        (|animal| animal.note = Some(String::new()), &["note too_short", "note pattern_mismatch"]),
        (|animal| animal.diet = 7, &["diet undefined_value"]),
        (|animal| animal.tags = vec![tag("a"), tag("B")], &["tags[1].label pattern_mismatch"]),
        (|animal| animal.tags = vec![tag("a"); 3], &["tags too_many"]),
        (|animal| animal.menu = vec![1, 5, 1], &["menu not_unique"]),
        (|animal| animal.menu = vec![1, -2], &["menu[1] not_in"]),
        (
            |animal| animal.names = vec![String::new(), "bad".into(), "long".into()],
            &["names[1] not_in", "names[2] too_long"],
        ),
        (
            |animal| {
                animal.parent = Some(Box::new(Animal { tags: vec![tag("1")], ..valid() }));
            },
            &["parent.tags[0].label pattern_mismatch"],
        ),
        (
            |animal| {
                animal.children = vec![valid(), Animal { alive: false, ..valid() }];
            },
            &["children[1].alive required"],
        ),
        (|animal| animal.kind = Some(KindOneOf::Label(tag("1"))), &["label.label pattern_mismatch"]),
        (|animal| animal.kind = Some(KindOneOf::Other("1".into())), &[]),
        (
            |animal| {
                animal.kind = Some(KindOneOf::Twin(Box::new(Animal { chip: None, ..valid() })));
            },
            &["twin.chip required"],
        ),
        (|animal| animal.secret = Some(tag("1")), &[]),
        (|animal| animal.scores = vec![10, 11], &["scores[1] out_of_range"]),
        (|animal| animal.super_ = "long".into(), &["super too_long"]),
        (|animal| animal.self_image = Some(Self_ { name: "ab".into() }), &["self_image.name too_long"]),
    ];
    for (number, (change, expected)) in cases.iter().enumerate() {
        let mut animal = valid();
        change(&mut animal);
        assert_eq!(broken(&animal), *expected, "case {number}");
    }
}

#[test]
fn maps_are_checked_by_key_and_value() {
    let mut animal = valid();
    animal.metadata = BTreeMap::from([(String::new(), "fine".into()), ("a\"b".into(), "too long".into())]);
    animal.rooms = BTreeMap::from([(-1, tag("a")), (2, tag("B"))]);
    animal.guests = BTreeMap::from([("x".into(), 3)]);
    animal.seen = BTreeMap::from([(10, String::new())]);
    let expected = [
        "metadata[\"\"] too_short",
        "metadata[\"a\\\"b\"] too_long",
        "rooms[-1] out_of_range",
        "rooms[2].label pattern_mismatch",
        "guests[\"x\"] undefined_value",
        "seen[10] out_of_range",
    ];
    assert_eq!(broken(&animal), expected);
    let message = validate(&animal).unwrap_err().swap_remove(0).message;
    assert_eq!(message, "the key must be at least 1 character long");
}

#[test]
fn limits_of_numbers_are_exact() {
    let body = |legs, weight, age| Animal { body: Some(Body { legs, weight, eyes: 2, age }), ..valid() };
    assert_eq!(broken(&body(0, -4, Some(1))), [""; 0]);
    assert_eq!(broken(&body(1_000_000, 9_007_199_254_740_990, None)), [""; 0]);
    assert_eq!(
        broken(&body(-1, -5, Some(0))),
        ["body.legs out_of_range", "body.weight out_of_range", "body.age out_of_range"]
    );
    assert_eq!(
        broken(&body(1_000_001, 9_007_199_254_740_991, Some(13))),
        ["body.legs out_of_range", "body.weight out_of_range", "body.age not_in"]
    );
}

#[test]
fn fields_exclude_each_other() {
    let portion = |grams, pieces| Portion { grams, pieces };
    assert_eq!(broken(&portion(Some(0), None)), [""; 0]);
    assert_eq!(broken(&portion(None, Some(1))), [""; 0]);
    assert_eq!(broken(&portion(None, None)), [" required"]);
    assert_eq!(broken(&portion(Some(0), Some(0))), [" only_one"]);

    let several = vec![portion(Some(1), None), portion(Some(1), Some(1))];
    let menu = Menu {
        portion: Some(portion(None, None)),
        portion_by_name: BTreeMap::from([("a".into(), several[1])]),
        portions: several,
        meals: Vec::new(),
    };
    assert_eq!(broken(&menu), ["portion required", "portions[1] only_one", "portion_by_name[\"a\"] only_one"]);
    let messages: Vec<_> = validate(&menu).unwrap_err().into_iter().map(|violation| violation.message).collect();
    assert_eq!(messages[..2], ["must have one of: grams, pieces", "must have only one of: grams, pieces"]);
}

#[test]
fn without_presence_zero_is_not_set() {
    let meal = Meal { code: 6, ..Meal::default() };
    assert_eq!(broken(&meal), [""; 0]);
    let set: &[fn(&mut Meal)] = &[
        |meal| meal.name = "ab".into(),
        |meal| meal.numbers = vec![0, 0],
        |meal| meal.notes = BTreeMap::from([("a".into(), 0), ("b".into(), 0)]),
        |meal| meal.hot = true,
        |meal| meal.salt = -0.0,
        |meal| meal.diet = Diet::Meat.into(),
        |meal| meal.guest = Some(tag("a")),
        |meal| meal.maybe = Some(1),
        |meal| meal.drink = Some(Drink::Water(String::new())),
        |meal| meal.drink = Some(Drink::Wine(tag("a"))),
    ];
    for (number, first) in set.iter().enumerate() {
        let mut one = meal.clone();
        first(&mut one);
        assert_eq!(broken(&one), [""; 0], "{number}");
        set[(number + 2) % set.len()](&mut one);
        assert_eq!(broken(&Menu { meals: vec![one], ..Menu::default() }), ["meals[0] only_one"], "{number}");
    }
}

#[test]
fn the_rules_of_the_chosen_field_hold() {
    let code = 6;
    assert_eq!(broken(&Meal { name: "a".into(), code, ..Meal::default() }), ["name too_short"]);
    assert_eq!(broken(&Meal { numbers: vec![1], code, ..Meal::default() }), ["numbers too_few"]);
    assert_eq!(broken(&Meal { maybe: Some(0), code, ..Meal::default() }), ["maybe out_of_range"]);
    // A field that says what to ignore is taken at its word.
    assert_eq!(broken(&Meal::default()), [" required", "code out_of_range"]);
    assert_eq!(validate(&Meal::default()).unwrap_err()[0].message, "must have code");
}

#[test]
fn violations_are_capped() {
    let herd = Herd { animals: (0..500).map(|number| (number.to_string(), Animal::default())).collect() };
    assert_eq!(broken(&herd).len(), 100);
}
