// swift-tools-version: 6.2
// The part of Seawall that policies and their tests are built with: no dependency, so nothing is fetched.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "seawall",
    products: [
        .library(name: "Seawall", type: .static, targets: ["Seawall"]),
        .library(name: "SeawallTesting", targets: ["SeawallTesting"]),
    ],
    targets: [
        .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        .systemLibrary(name: "CLinux"),
        room("Diagnostics", ["JSONC"]),
        room("PacketModel"),
        room("JSONC", ["CJSONC"]),
        room("Seawall", ["PacketModel", "JSONC", "CLinux"]),
        room("FirewallIR", ["PacketModel", "Diagnostics"]),
        room("Compiler", ["Seawall", "FirewallIR", "PacketModel", "Diagnostics"]),
        room("Semantics", ["FirewallIR", "PacketModel", "Diagnostics"]),
        room("SeawallTesting", ["Seawall", "Compiler", "Semantics", "FirewallIR", "Diagnostics"]),
    ])
