// swift-tools-version:6.2
import PackageDescription

// Checked everywhere: raw memory stands out by the word `unsafe`, and only Runtime, Interpreter and
// the shims may contain it.
let safe: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("MemberImportVisibility"),
  .unsafeFlags(["-enforce-exclusivity=unchecked"]),
]

// Handlers end in tail jumps that only the optimiser produces, so these two are optimised in debug
// builds as well. A test proves that the host stack stays constant in both configurations. Whole
// module, since helpers are inlined across files; with threads, so that there is an object per file
// as the build expects.
let optimised: [SwiftSetting] = safe + [
  .unsafeFlags(
    ["-O", "-wmo", "-num-threads", "1", "-disable-batch-mode"], .when(configuration: .debug))
]

// The version of LLVM that hot code is compiled with; also read by `tools/setup`.
let llvm = "19"
let llvmHeaders = "/usr/lib/llvm-\(llvm)/include"
// For whoever imports JIT, and so the headers.
let native: [SwiftSetting] = safe + [.unsafeFlags(["-Xcc", "-I\(llvmHeaders)"])]

let package = Package(
  name: "Lang",
  products: [.executable(name: "lang", targets: ["lang"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .target(name: "CShims", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Frontend", swiftSettings: safe),
    .target(name: "Bytecode", swiftSettings: safe),
    .target(name: "Lowering", dependencies: ["Frontend", "Bytecode"], swiftSettings: safe),
    .target(name: "Runtime", dependencies: ["CShims"], swiftSettings: optimised),
    .target(
      name: "Interpreter", dependencies: ["Bytecode", "Runtime", "CShims"], swiftSettings: optimised),
    .target(
      name: "CLLVM",
      cSettings: [.define("LANG_LLVM_VERSION", to: llvm), .unsafeFlags(["-I\(llvmHeaders)"])]),
    .target(name: "JIT", dependencies: ["CLLVM", "Bytecode", "Runtime", "Interpreter", "CShims"], swiftSettings: native),
    .target(
      name: "Session",
      dependencies: ["Frontend", "Lowering", "Bytecode", "Runtime", "Interpreter", "JIT", "CShims"],
      swiftSettings: native),
    .target(name: "Server", dependencies: ["Session", "Frontend", "Runtime"], swiftSettings: native),
    .target(name: "REPL", dependencies: ["Server", "Session", "Frontend", "Runtime", "CShims"], swiftSettings: native),
    .executableTarget(
      name: "lang",
      dependencies: [
        "Session", "Server", "REPL", "Frontend", "JIT", "Runtime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: native,
      // At a fixed address 42,000 relocations fall away: 0.5 ms of every start.
      linkerSettings: [.unsafeFlags(["-Xclang-linker", "-no-pie"])]),
    .executableTarget(
      name: "lang-bench",
      dependencies: ["Session", "JIT", .product(name: "Histogram", package: "hdrhistogram-swift")],
      path: "Benchmarks/lang-bench", swiftSettings: native),
    .testTarget(name: "FrontendTests", dependencies: ["Frontend"], swiftSettings: safe),
    .testTarget(name: "RuntimeTests", dependencies: ["Runtime"], swiftSettings: safe),
    .testTarget(
      name: "InterpreterTests", dependencies: ["Interpreter", "Bytecode", "Runtime"],
      swiftSettings: safe),
    .testTarget(
      name: "SessionTests",
      dependencies: ["Session", "Server", "Frontend", "Lowering", "Bytecode", "Interpreter", "JIT", "Runtime", "CShims"], swiftSettings: native),
    // From outside only, so it may use Foundation, whose view of the C library excludes that of CShims.
    .testTarget(name: "CommandLineTests", swiftSettings: safe),
  ],
  swiftLanguageModes: [.v6]
)
