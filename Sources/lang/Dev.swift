import ArgumentParser
struct Dev: ParsableCommand { }
