// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target of the house; the dependencies name the floors below it (docs/architecture.md).
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one room, in a folder of the same name.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: name + "Tests", dependencies: [.target(name: name)] + dependencies, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "seawall",
    products: [
        .executable(name: "seawall", targets: ["SeawallCLI"]),
        // What a policy is compiled against: one archive, with the modules beside it.
        .library(name: "Seawall", type: .static, targets: ["Seawall"]),
        .library(name: "SeawallTesting", targets: ["SeawallTesting"]),
        .executable(name: "seawall-bench", targets: ["SeawallBench"]),
        .executable(name: "seawall-demo", targets: ["SeawallDemo"]),
        .executable(name: "seawall-migration-trial", targets: ["MigrationTrial"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CNFTables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        .systemLibrary(name: "CLinux"),

        room("Diagnostics", ["JSONC"]),
        room("PacketModel"),
        room("JSONC", ["CJSONC"]),

        room("Seawall", ["PacketModel", "JSONC", "CLinux"]),
        room("FirewallIR", ["PacketModel", "Diagnostics"]),

        room("Compiler", ["Seawall", "FirewallIR", "PacketModel", "Diagnostics"]),
        room("IPTablesBackend", ["FirewallIR", "PacketModel", "Diagnostics"]),
        room("NFTablesBackend", ["FirewallIR", "PacketModel", "Diagnostics", "JSONC", "CNFTables", "CLinux"]),

        room("Semantics", ["FirewallIR", "PacketModel", "Diagnostics"]),

        room("Decompiler", ["Seawall", "Compiler", "FirewallIR", "PacketModel", "Diagnostics"]),
        room("PolicyLoading", ["Seawall", "Diagnostics", "JSONC", "CLinux", subprocess, systemPackage]),
        room(
            "Deployment",
            [
                "IPTablesBackend", "NFTablesBackend", "FirewallIR", "PacketModel", "Diagnostics", "JSONC", "CLinux",
                subprocess, systemPackage,
            ]),
        room(
            "Importing",
            ["IPTablesBackend", "NFTablesBackend", "FirewallIR", "PacketModel", "Diagnostics", "JSONC"]),
        room("SeawallTesting", ["Seawall", "Compiler", "Semantics", "FirewallIR", "Diagnostics"]),

        // Judged with packets: a Docker host in miniature, and what is tried on it (docs/testing.md).
        .target(
            name: "PacketLab", dependencies: ["CLinux", "PacketModel"], path: "Tests/PacketLab", swiftSettings: settings
        ),
        tests("PacketLab", ["PacketModel"]),
        .executableTarget(name: "SeawallDemo", dependencies: ["PacketLab", "PacketModel"], swiftSettings: settings),
        .testTarget(
            name: "KernelTests",
            dependencies: [
                "PacketLab", "RulesetLab", "Compiler", "FirewallIR", "IPTablesBackend", "NFTablesBackend",
                "PacketModel",
                "Seawall", "Semantics",
            ], swiftSettings: settings),

        .executableTarget(
            name: "SeawallCLI",
            dependencies: [
                "Compiler", "Decompiler", "Deployment", "Diagnostics", "FirewallIR", "Importing", "IPTablesBackend",
                "JSONC",
                "NFTablesBackend",
                "PolicyLoading", "Seawall", "Semantics", "CLinux", "PacketModel", argumentParser, systemPackage,
            ],
            swiftSettings: settings),

        // What the benchmarks found: as JSON, as tables, as plots (docs/performance.md).
        .target(name: "BenchReport", dependencies: ["JSONC"], path: "Benchmarks/BenchReport", swiftSettings: settings),
        .executableTarget(
            name: "SeawallBench",
            dependencies: [
                "BenchReport", "RulesetLab", "PacketLab", "Semantics", "FirewallIR", "PacketModel", "Diagnostics",
                "IPTablesBackend", "JSONC", "CLinux",
            ],
            path: "Benchmarks/SeawallBench", swiftSettings: settings),
        // Rule sets of any folder, migrated and judged by packets (docs/testing.md).
        .executableTarget(
            name: "MigrationTrial",
            dependencies: [
                "PacketLab", "RulesetLab", "Importing", "Semantics", "FirewallIR", "PacketModel", "Diagnostics",
                "JSONC",
            ],
            path: "Benchmarks/MigrationTrial", swiftSettings: settings),
        // The way from a policy to both backends: goldens, random policies, and the reference interpreters (docs/testing.md).
        .target(
            name: "TestSupport", dependencies: [subprocess, systemPackage], path: "Tests/TestSupport",
            swiftSettings: settings),
        // Rule sets by the thousand, what can go wrong in one, and packets that tell (docs/testing.md).
        .target(
            name: "RulesetLab", dependencies: ["FirewallIR", "PacketModel", "Diagnostics", "Semantics"],
            path: "Tests/RulesetLab", swiftSettings: settings),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "TestSupport", "RulesetLab", "Seawall", "Compiler", "FirewallIR", "PacketModel", "Diagnostics", "JSONC",
                "IPTablesBackend", "NFTablesBackend", "Semantics", "SeawallCLI",
            ],
            swiftSettings: settings),

        // What happens on a host: changes of it under packets, cut short at every step (docs/testing.md).
        .testTarget(
            name: "HostTests",
            dependencies: ["PacketLab", "TestSupport", "SeawallCLI", "Deployment", "PacketModel", "MigrationTrial"],
            swiftSettings: settings),

        // Beside a real engine of Docker's: its containers, its networks, its restarts (docs/testing.md).
        .testTarget(
            name: "DockerTests", dependencies: ["PacketLab", "TestSupport", "SeawallCLI", "PacketModel", "JSONC"],
            swiftSettings: settings),

        tests("BenchReport", ["TestSupport", "JSONC"]),
        tests("PacketModel"),
        tests("JSONC"),
        tests("Diagnostics", ["JSONC"]),
        tests("Seawall", ["PacketModel", "JSONC"]),
        tests("FirewallIR", ["PacketModel", "Diagnostics"]),
        tests("Semantics", ["TestSupport", "RulesetLab", "FirewallIR", "PacketModel", "Diagnostics"]),
        tests("Compiler", ["Seawall", "FirewallIR", "PacketModel", "Diagnostics", "JSONC"]),
        tests(
            "Decompiler",
            [
                "TestSupport", "RulesetLab", "Seawall", "Compiler", "FirewallIR", "PacketModel", "Diagnostics", "JSONC",
                "Semantics", "SeawallCLI",
            ]),
        tests("Importing", ["FirewallIR", "PacketModel", "Diagnostics"]),
        tests("SeawallTesting", ["Seawall"]),
        tests(
            "SeawallCLI",
            [
                "TestSupport", "Seawall", "JSONC", "Diagnostics", "FirewallIR", "IPTablesBackend", "PacketModel",
                argumentParser,
            ]),
        tests("PolicyLoading", ["Diagnostics", "JSONC", "Seawall", "SeawallCLI", systemPackage]),
        tests("IPTablesBackend", ["PacketModel", "FirewallIR", "Diagnostics"]),
        tests("NFTablesBackend", ["JSONC", "PacketModel", "FirewallIR", "Diagnostics"]),
        // The templates, and what the documents say: tested through the executable.
        .testTarget(
            name: "TemplatesTests", dependencies: ["TestSupport", "SeawallCLI", "PacketModel"], exclude: ["Goldens"],
            swiftSettings: settings),
        tests(
            "Deployment",
            [
                "SeawallCLI", "IPTablesBackend", "NFTablesBackend", "FirewallIR", "PacketModel", "Diagnostics", "JSONC",
            ]),
    ])

// `make fuzz` alone builds these: they need the instrumented readers and another linker (Support/fuzz).
if Context.environment["SEAWALL_FUZZ"] != nil {
    package.targets += [
        .target(name: "FuzzDriver", path: "Tests/Fuzz/FuzzDriver", swiftSettings: settings)
    ]
    package.targets += ["FuzzIPTables", "FuzzNFTables"].map { name in
        .executableTarget(
            name: name, dependencies: ["FuzzDriver", "Importing", "PacketModel"], path: "Tests/Fuzz/\(name)",
            swiftSettings: settings)
    }
}
