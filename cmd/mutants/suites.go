package main

// suite is a package's tests, or some of them.
type suite struct {
	pkg string   // folder from the tree's root
	run []string // further arguments of the test binary
}

// suites say which tests are to notice a change of a package, the cheap ones first. The runtime's own are those of
// engine/enginetest; a store must carry them too.
func suites() map[string][]suite {
	overMemory := suite{"engine/enginetest", []string{"-test.run", "^TestMemory$"}}
	overSQLite := suite{"engine/enginetest", []string{"-test.run", "^TestSQLite$"}}
	return map[string][]suite{
		"engine/fold":    {{"engine/fold", nil}, overMemory},
		"engine/local":   {{"engine/local", nil}, overMemory},
		"storage/memory": {{"storage/memory", nil}, overMemory},
		"storage/pack":   {{"storage/pack", nil}, {"storage/sqlite", nil}},
		"storage/sqlite": {{"storage/sqlite", []string{"-test.run", "Contract"}}, {"storage/sqlite", nil}, overSQLite},
	}
}
