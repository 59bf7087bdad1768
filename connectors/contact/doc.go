// Package contact is the connector "contact": people in an address book, over CardDAV (RFC 6352).
//
//	find_or_create ── REPORT by e-mail ──▶ there: given back as it is (update: only what is empty, If-Match)
//	                                 └───▶ not there: PUT with If-None-Match: *, at an address made of the e-mail
//
// Why an address made of the e-mail: two runs that begin at once make one contact, because the server refuses the
// second; and a repeat after a crash finds what the first attempt made.
//
// Why vCards are read and written here: a card that is changed keeps every line we do not understand, byte for byte. A
// library that reads a card into a map and writes it anew cannot promise that, and what it holds is somebody's data.
// Nothing is ever deleted.
package contact
