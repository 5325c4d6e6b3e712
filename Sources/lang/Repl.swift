import ArgumentParser
struct Repl: ParsableCommand { }
