package prompts

import "github.com/bretelle/bretelle/engine"

func Ask(c Ctx, run engine.RunView, ask engine.AskView, tok Tokens) Card { return Card{} }
func Outcome(c Ctx, run engine.RunView, step engine.StepView, given string, by string, at int64, tok Tokens) Card {
	return Card{}
}
func Alert(c Ctx, a AlertFacts, tok Tokens) Card                        { return Card{} }
func AlertLine(c Ctx, a AlertFacts, r AlertRun) Card                    { return Card{} }
func Retrying(c Ctx, run engine.RunView, step engine.StepView) Card     { return Card{} }
func Ended(c Ctx, run engine.RunView, tok Tokens) Card                  { return Card{} }
func Published(c Ctx, head engine.FlowHead, by string, tok Tokens) Card { return Card{} }
func Paused(c Ctx, head engine.FlowHead, by string, paused bool, queued int, tok Tokens) Card {
	return Card{}
}
func Unsigned(c Ctx, path string, n int, tok Tokens) Card                        { return Card{} }
func Broken(c Ctx, flow string, ev engine.Event, reason string, tok Tokens) Card { return Card{} }
func Away(c Ctx, from, to int64, facts AwayFacts) Card                           { return Card{} }
func Welcome(c Ctx, name string, tok Tokens) Card                                { return Card{} }
func DenyForm(c Ctx, run engine.RunView, ask engine.AskView, token string, f Filled) Form {
	return Form{}
}
func EditForm(c Ctx, run engine.RunView, ask engine.AskView, token string, f Filled) Form {
	return Form{}
}
func FixForm(c Ctx, run engine.RunView, step engine.StepView, token string, f Filled) Form {
	return Form{}
}
func HappenedForm(c Ctx, run engine.RunView, step engine.StepView, token string, needs []string, f Filled) Form {
	return Form{}
}
func ReadEdit(ask engine.AskView, fields map[string]string) (map[string]any, map[string]string) {
	return nil, nil
}
func ReadFix(step engine.StepView, fields map[string]string) (map[string]any, map[string]string) {
	return nil, nil
}
func Refusal(c Ctx, a engine.Answer, run engine.RunView, ask *engine.AskView) Card { return Card{} }
func Problem(c Ctx, err error, ref string) Card                                    { return Card{} }
func Flows(c Ctx, heads []engine.FlowHead, tok Tokens) Card                        { return Card{} }
func Flow(c Ctx, head engine.FlowHead, source []byte, problems engine.Problems, recent []engine.RunHead, tok Tokens) Card {
	return Card{}
}
func Runs(c Ctx, heads []engine.RunHead) Card            { return Card{} }
func Run(c Ctx, run engine.RunView, tok Tokens) Card     { return Card{} }
func Pending(c Ctx, items []PendingItem) Card            { return Card{} }
func Why(c Ctx, flow string, lines []WhyLine) Card       { return Card{} }
func Help(c Ctx, lines []HelpLine) Card                  { return Card{} }
func Say(c Ctx, msg string, args ...any) Card            { return Card{} }
func T(lang, english string, args map[string]any) string { return english }
func Fit(card Card, l Limits) Card                       { return card }
func FitForm(f Form, l Limits) Form                      { return f }
func Pages(f Form, l Limits) []Form                      { return []Form{f} }
func PlainCard(card Card) string                         { return card.Text }
func PlainForm(f Form) string                            { return f.Title }
