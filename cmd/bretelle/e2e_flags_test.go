package main

import "flag"

// long also runs the loops that take minutes: every kill at every batch, random kills with many runs in flight.
var long = flag.Bool("long", false, "also run the loops that take minutes")
