// Package schedule is the connector "schedule": the trigger schedule.tick. When its ticks are, engine/calendar knows;
// the loop that ticks is connectors/intake.
//
//	with: {at, every or cron} ──check──▶ calendar ──▶ describe, event {scheduled, previous, missed}
//
// Why it is so small: a tick is nothing but a time, and times mean the same elsewhere in a flow.
package schedule
