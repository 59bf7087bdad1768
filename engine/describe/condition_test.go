package describe_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine/describe"
)

func TestCondition(t *testing.T) {
	for source, want := range map[string]string{
		`event.body.action == "opened" && any(event.body.issue.labels, .name == "bug")`: `action is "opened" and one of issue.labels has name "bug"`,
		`event.body.action == 'opened'`:                            `action is "opened"`,
		`"opened" == event.body.action`:                            `action is "opened"`,
		`3 < event.body.n`:                                         `n is more than 3`,
		`event.body.n >= -1.5`:                                     `n is at least -1.5`,
		`event.body.a != nil`:                                      `a exists`,
		`event.body.a == nil`:                                      `a is missing`,
		`(event.body.a == nil || event.body.a == "")`:              `a is empty`,
		`not (event.body.a == nil || event.body.a == "")`:          `a is not empty`,
		`len(event.body.list) == 0`:                                `list is empty`,
		`len(event.body.list) > 0`:                                 `list is not empty`,
		`len(event.body.list) > 3`:                                 `the length of list is more than 3`,
		`any(event.body.tags, # == "x")`:                           `one of tags is "x"`,
		`all(event.body.tags, # != "x")`:                           `for each of tags: # is not "x"`,
		`none(event.body.items, .price > 5)`:                       `for none of items: price is more than 5`,
		`event.body.a contains "x" || event.body.b startsWith "y"`: `a contains "x" or b starts with "y"`,
		`event.body.a and (event.body.b or event.body.c == false)`: `a is true and (b is true or c is false)`,
		`!(event.body.a contains "x")`:                             `a does not contain "x"`,
		`not event.body.draft`:                                     `draft is not true`,
		`!(event.body.a == 1 && event.body.b == 2)`:                `it is not true that a is 1 and b is 2`,
		`event.body.kind in ["a", "b"]`:                            `kind is one of "a", "b"`,
		`event.body.kind not in ["a"]`:                             `kind is none of "a"`,
		`"bug" in event.body.tags`:                                 `tags contains "bug"`,
		`1 < event.body.n < 5`:                                     `n is more than 1 and n is less than 5`,
		`event.at`:                                                 `at is true`,
		`steps.review.decision == "approve"`:                       `steps.review.decision is "approve"`,
		`event.body.list[0].name matches "^a"`:                     `list[0].name matches the pattern "^a"`,
		`(event.body.a ?? "") == event.body.b`:                     `a is b`,
		`(event.body.a ?? "") != ""`:                               `a is not empty`,
		`(event.body.a ?? 1) == 2`:                                 `event.body.a ?? 1 is 2`,
		`isWeekend(event.at)`:                                      `"isWeekend(event.at)" is true`,
		`event.body.a == `:                                         `"event.body.a ==" is true`,
		`true`:                                                     `always`,
		`event.body.a == "x" || event.body.b == "" && true`:        `a is "x" or (b is "" and always)`,
	} {
		if got := describe.Condition(source).String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}
