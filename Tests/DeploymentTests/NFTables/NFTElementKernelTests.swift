import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// Changes of elements in the real kernel, in namespaces of our own.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct NFTElementKernelTests {
    private func runner(_ host: TestNamespace) -> NFTProcessRunner {
        NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace)
    }

    /// Applies a document, and makes sure that the kernel holds what it makes.
    @discardableResult
    private func apply(_ document: JSONValue, _ host: TestNamespace) async throws -> NFTTableChange {
        let outcome = try await NFTApplier(runner: runner(host)).apply(document)
        let listing = try #require(try await runner(host).list(.seawall, terse: false))
        let (live, wanted) = (try NFTTableImage(listing), try NFTTableImage(document))
        #expect(live.isSame(as: wanted), "\(listing.text().prefix(2000))")
        return outcome.change
    }

    /// The rules and chains with their handles and counters, without elements.
    private func rules(_ host: TestNamespace) async throws -> String {
        try await host.shell("nft -a -t list table inet seawall | grep -v elements")
    }

    @Test func countersAndHandlesStayWhereElementsChange() async throws {
        try await withNamespace { host in
            let before = NFTDocuments.blocking(["10.0.0.1", "10.0.0.2"])
            let counted = try JSONValue.parse(
                before.text().replacing(#"{"counter":null}"#, with: #"{"counter":{"packets":12,"bytes":3400}}"#))
            #expect("\(try await apply(counted, host))" == "the whole table: it is not there yet")
            let rules = try await rules(host)
            #expect(rules.contains("counter packets 12 bytes 3400"))
            #expect(try await apply(before, host) == .nothing)
            let change = try await apply(NFTDocuments.blocking(["10.0.0.2", "10.0.0.3"]), host)
            #expect("\(change)" == "2 elements of the set 'blocked': 1 added, 1 removed")
            #expect(try await self.rules(host) == rules)
            _ = try await NFTApplier(runner: runner(host)).apply(before, isReplacing: true)
            #expect(try await self.rules(host).contains("counter packets 0 bytes 0"))
        }
    }

    @Test func oneElementOfAHundredThousand() async throws {
        try await withNamespace { host in
            let addresses = (0..<100_000).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)" }
            let applier = NFTApplier(runner: runner(host))
            let first = try await applier.apply(NFTDocuments.blocking(addresses))
            for (wanted, what) in [(addresses + ["192.0.2.1"], "added"), (addresses, "removed")] {
                let outcome = try await applier.apply(NFTDocuments.blocking(wanted))
                #expect("\(outcome.change)" == "1 element of the set 'blocked': 1 \(what)")
                #expect(outcome.timings.transaction * 5 < first.timings.transaction, "\(outcome.timings)")
            }
        }
    }

    @Test func whatSomebodyElseDidIsUndone() async throws {
        try await withNamespace { host in
            let document = NFTDocuments.blocking(["10.0.0.1", "10.0.0.2"])
            try await apply(document, host)
            try await host.shell("nft add element inet seawall blocked '{ 10.0.0.9 }'")
            #expect("\(try await apply(document, host))" == "1 element of the set 'blocked': 1 removed")
            try await host.shell("nft delete element inet seawall blocked '{ 10.0.0.1 }'")
            #expect("\(try await apply(document, host))" == "1 element of the set 'blocked': 1 added")
            for command in [
                "insert rule inet seawall forward4 accept", "add chain inet seawall other",
                "add set inet seawall more '{ type ipv4_addr; timeout 5s; }'",
                "add counter inet seawall mine", "flush table inet seawall",
            ] {
                try await host.shell("nft \(command)")
                #expect("\(try await apply(document, host))".hasPrefix("the whole table: "), "\(command)")
            }
        }
    }

    @Test(
        arguments: [
            ("delete table inet seawall", "the whole table: nft refuses the change of elements: "),
            ("flush table inet seawall", "the whole table: it was changed by somebody else meanwhile"),
            ("add element inet seawall blocked '{ 10.0.0.3 }'", "2 elements of the set 'blocked': 1 added, 1 removed"),
            (
                "delete element inet seawall blocked '{ 10.0.0.1 }'",
                "the whole table: nft refuses the change of elements: "
            ),
        ])
    func whatHappensBetweenListingAndChange(_ command: String, _ change: String) async throws {
        try await withNamespace { host in
            try await apply(NFTDocuments.blocking(["10.0.0.1", "10.0.0.2"]), host)
            let document = NFTDocuments.blocking(["10.0.0.2", "10.0.0.3"])
            let meddler = Meddler(runner: runner(host), host: host, script: "nft \(command)")
            let outcome = try await NFTApplier(runner: meddler).apply(document)
            #expect("\(outcome.change)".hasPrefix(change), "\(outcome.change)")
            #expect(try await apply(document, host) == .nothing)
        }
    }

    @Test func keysOfAMapGetOtherVerdicts() async throws {
        try await withNamespace { host in
            for (elements, change) in [
                ([(22, "drop"), (80, "accept"), (nil, "drop")], "the whole table: it is not there yet"),
                ([(22, "accept"), (80, "accept"), (nil, "drop")], "1 element of the map 'fate': 1 changed"),
                (
                    [(22, "accept"), (443, "accept"), (nil, "accept")],
                    "3 elements of the map 'fate': 1 added, 1 removed, 1 changed"
                ),
                ([(443, "drop"), (444, "drop")], "4 elements of the map 'fate': 1 added, 2 removed, 1 changed"),
            ] as [([(Int64?, String)], String)] {
                let found = try await apply(Self.map(elements.map { ($0.0.map { .integer($0) } ?? "*", $0.1) }), host)
                #expect("\(found)" == change)
            }
        }
    }

    @Test func intervalsAreChangedWhereverTheyLie() async throws {
        try await withNamespace { host in
            let lists: [[ClosedRange<Int>]] = [
                [0...9, 10...19, 30...39], [0...9, 30...39], [5...20, 30...39], [5...20, 21...39], [5...39],
                [1...1, 5...39],
                [100...110], [1...255],
            ]
            for ranges in lists {
                let elements: [JSONValue] = ranges.map {
                    ["range": [.string("10.0.0.\($0.lowerBound)"), .string("10.0.0.\($0.upperBound)")]]
                }
                let document = NFTDocuments.blocking([], flags: ["interval"], elements: elements)
                try await apply(document, host)
                #expect(try await apply(document, host) == .nothing)
            }
        }
    }

    @Test func randomIntervalsBecomeOthers() async throws {
        try await withNamespace { host in
            for kind in Kind.allCases {
                for round in 0..<8 {
                    let change = try await apply(kind.document(), host)
                    if case .replacement(let reason) = change, round > 0 { Issue.record("\(kind): \(reason)") }
                }
                try await NFTApplier(runner: runner(host)).remove()
            }
        }
    }

    /// Sets and maps of intervals.
    private enum Kind: CaseIterable {
        case set, map, boxes, boxMap

        func document() -> JSONValue {
            var elements: [JSONValue] = []
            var next = Int.random(in: 0...3)
            while next < 250 {
                let last = next + Int.random(in: 0...6)
                let ports: JSONValue = ["range": [.integer(Int64(next)), .integer(Int64(last))]]
                let addresses: JSONValue = ["range": [.string("10.0.0.\(next % 7)"), "10.0.0.9"]]
                let verdict: JSONValue = Bool.random() ? ["drop": .null] : ["accept": .null]
                switch self {
                case .set: elements.append(["range": [.string("10.0.0.\(next)"), .string("10.0.0.\(min(last, 255))")]])
                case .map: elements.append([ports, verdict])
                case .boxes: elements.append(["concat": [addresses, ports]])
                case .boxMap: elements.append([["concat": [addresses, ports]], verdict])
                }
                next = last + Int.random(in: 1...9)
            }
            switch self {
            case .set: return NFTDocuments.blocking([], flags: ["interval"], elements: elements)
            case .map: return NFTElementKernelTests.map("inet_service", elements, flags: ["interval"])
            case .boxes:
                return NFTElementKernelTests.object(
                    "set", ["ipv4_addr", "inet_service"], elements, flags: ["interval"])
            case .boxMap:
                return NFTElementKernelTests.map(["ipv4_addr", "inet_service"], elements, flags: ["interval"])
            }
        }
    }

    private static func map(_ elements: [(key: JSONValue, verdict: String)]) -> JSONValue {
        map("inet_service", elements.map { [$0.key, .object([JSONMember($0.verdict, .null)])] })
    }

    fileprivate static func map(_ type: JSONValue, _ elements: [JSONValue], flags: [String] = []) -> JSONValue {
        object("map", type, elements, flags: flags)
    }

    /// A document with one chain and one set or map.
    fileprivate static func object(
        _ word: String, _ type: JSONValue, _ elements: [JSONValue], flags: [String] = []
    ) -> JSONValue {
        var commands = NFTDocuments.replacing([("forward4", ["sw:a one"])])["nftables"]?.array ?? []
        var members: [JSONMember] = [
            JSONMember("family", "inet"), JSONMember("table", "seawall"), JSONMember("name", "fate"),
            JSONMember("type", type),
        ]
        if word == "map" { members.append(JSONMember("map", "verdict")) }
        if !flags.isEmpty { members.append(JSONMember("flags", .array(flags.map(JSONValue.string)))) }
        members.append(JSONMember("elem", .array(elements)))
        commands.insert(["add": .object([JSONMember(word, .object(members))])], at: 4)
        return ["nftables": .array(commands)]
    }
}

/// Lets somebody else do something in front of our first transaction.
private actor Meddler: NFTRunner {
    let runner: NFTProcessRunner
    let host: TestNamespace
    private var script: String?

    init(runner: NFTProcessRunner, host: TestNamespace, script: String) {
        self.runner = runner
        self.host = host
        self.script = script
    }

    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult {
        if let script { try await host.shell(script) }
        script = nil
        return try await runner.run(commands, check: check)
    }

    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? {
        try await runner.list(table, terse: terse)
    }
}
