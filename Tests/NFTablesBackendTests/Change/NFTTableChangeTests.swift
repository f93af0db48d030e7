import JSONC
import PacketModel
import Testing

@testable import NFTablesBackend

/// What has to be done so that a table becomes another.
struct NFTTableChangeTests {
    private func address(_ text: String) throws -> NFTValue { .address(try #require(IPAddress(text))) }

    private func range(_ first: String, _ last: String) throws -> NFTValue {
        .addressRange(try #require(IPAddress(first)), try #require(IPAddress(last)))
    }

    private func change(_ live: NFTTable, _ wanted: NFTTable) throws -> NFTTableChange {
        NFTTableChange(
            from: try NFTTableImage(NFTDocument(table: live).json),
            to: try NFTTableImage(NFTDocument(table: wanted).json)
        )
    }

    private func commands(_ live: NFTTable, _ wanted: NFTTable) throws -> [String] {
        guard case .elements(let changes) = try change(live, wanted) else {
            Issue.record("\(try change(live, wanted))")
            return []
        }
        return NFTTableChange.commands(changes)["nftables"]?.array?.dropFirst().map { $0.text() } ?? []
    }

    private func table(
        _ sets: [NFTSet] = [], maps: [NFTMap] = [], rules: [NFTRule] = [NFTRule([.drop], comment: "sw:a")],
        policy: String = "accept", more: [NFTChain] = []
    ) -> NFTTable {
        let hook = NFTChain.Hook(hook: "forward", priority: -10, policy: policy)
        return NFTTable(
            name: "seawall", sets: sets, maps: maps, chains: [NFTChain(name: "base", hook: hook, rules: rules)] + more)
    }

    private func ports(_ elements: [NFTValue]) -> NFTSet { NFTSet(name: "ports", kind: .port, elements: elements) }

    private func map(_ elements: [(NFTValue?, NFTStatement)]) -> NFTMap {
        NFTMap(name: "fate", kind: .port, elements: elements.map { NFTVerdictMapElement($0.0, $0.1) })
    }

    // MARK: - Nothing, or all

    @Test func theSameNeedsNothing() throws {
        let table = table([ports([.number(22), .number(80)])], maps: [map([(.number(1), .drop)])])
        #expect(try change(table, table) == .nothing)
    }

    @Test func theOrderOfElementsAndChainsIsNoDifference() throws {
        let (one, other) = (NFTChain(name: "one", rules: []), NFTChain(name: "other", rules: []))
        #expect(
            try change(
                table([ports([.number(22), .number(80)])], more: [one, other]),
                table([ports([.number(80), .number(22)])], more: [other, one])) == .nothing)
    }

    @Test func otherRulesNeedTheWholeTable() throws {
        let rules = [NFTRule([.drop], comment: "sw:a")]
        let differences: [(NFTTable, String)] = [
            (table(rules: []), "the chain 'base' has other rules"),
            (table(rules: rules + rules), "the chain 'base' has other rules"),
            (table(rules: [NFTRule([.accept], comment: "sw:a")]), "the chain 'base' has other rules"),
            (table(rules: [NFTRule([.drop], comment: "sw:b")]), "the chain 'base' has other rules"),
            (table(rules: [NFTRule([.counter, .drop], comment: "sw:a")]), "the chain 'base' has other rules"),
            (table(policy: "drop"), "the chain 'base' stands elsewhere"),
            (table(more: [NFTChain(name: "new", rules: [])]), "it has other chains"),
            (table([ports([])]), "the set 'ports' is new, or of another type"),
            (table(maps: [map([])]), "the map 'fate' is new, or of another type"),
        ]
        for (other, reason) in differences {
            #expect(try change(table(), other) == .replacement(reason: reason))
        }
        #expect(try change(table([ports([])]), table()) == .replacement(reason: "it has other sets"))
    }

    @Test func anotherTypeOfSetNeedsTheWholeTable() throws {
        let (live, other) = (ports([]), NFTSet(name: "ports", kind: .mac, elements: []))
        let interval = ports([.range(1, 9)])
        let map = NFTMap(name: "ports", kind: .port, elements: [])
        let reason = NFTTableChange.replacement(reason: "the set 'ports' is new, or of another type")
        #expect(try change(table([live]), table([other])) == reason)
        #expect(try change(table([live]), table([interval])) == reason)
        #expect(try change(table([interval]), table([live])) == reason)
        #expect(
            try change(table([live]), table(maps: [map]))
                == .replacement(reason: "the map 'ports' is new, or of another type"))
    }

    // MARK: - Sets of single values

    @Test func elementsAreAddedAndRemoved() throws {
        let (live, wanted) = (ports([.number(22), .number(80)]), ports([.number(80), .number(443)]))
        #expect(
            try commands(table([live]), table([wanted])) == [
                #"{"delete":{"element":{"family":"inet","table":"seawall","name":"ports","elem":[22]}}}"#,
                #"{"add":{"set":{"family":"inet","table":"seawall","name":"ports","type":"inet_service","elem":[443]}}}"#,
            ])
        #expect(
            "\(try change(table([live]), table([wanted])))" == "2 elements of the set 'ports': 1 added, 1 removed")
        #expect("\(try change(table([ports([])]), table([live])))" == "2 elements of the set 'ports': 2 added")
        #expect(
            "\(try change(table([live]), table([ports([.number(80)])])))"
                == "1 element of the set 'ports': 1 removed")
    }

    @Test func eachSetHasItsOwnCommands() throws {
        let other = NFTSet(name: "a", kind: .ipv4, elements: [])
        let (live, wanted) = (table([ports([]), other]), table([ports([.number(1)]), other]))
        #expect(try commands(live, wanted).count == 1)
        let both = NFTSet(name: "a", kind: .ipv4, elements: [try address("10.0.0.1")])
        #expect(
            try commands(table([ports([.number(1)]), both]), live) == [
                #"{"delete":{"element":{"family":"inet","table":"seawall","name":"a","elem":["10.0.0.1"]}}}"#,
                #"{"delete":{"element":{"family":"inet","table":"seawall","name":"ports","elem":[1]}}}"#,
            ])
    }

    @Test func aSetOfWhichMostChangesIsFilledAnew() throws {
        let live = ports((0..<100).map { .number($0) })
        let wanted = ports((50..<150).map { .number($0) })
        #expect(try commands(table([live]), table([wanted])).count == 2)
        let other = ports((100..<200).map { .number($0) })
        let found = try commands(table([live]), table([other]))
        #expect(
            found.first == #"{"flush":{"set":{"family":"inet","table":"seawall","name":"ports"}}}"# && found.count == 2)
    }

    @Test func elementsOfSeveralPartsAreChanged() throws {
        func pairs(_ elements: [NFTValue]) -> NFTTable {
            table([NFTSet(name: "pairs", kind: .concat([.ipv4, .port]), elements: elements)])
        }
        let one: NFTValue = .concat([try address("10.0.0.1"), .number(80)])
        let other: NFTValue = .concat([try address("10.0.0.1"), .number(81)])
        #expect(
            try commands(pairs([one]), pairs([one, other])) == [
                #"{"add":{"set":{"family":"inet","table":"seawall","name":"pairs","type":["ipv4_addr","inet_service"],"elem":[{"concat":["10.0.0.1",81]}]}}}"#
            ])
    }

    // MARK: - Maps

    @Test func keysGetAnotherVerdict() throws {
        let live = map([(.number(22), .drop), (.number(80), .accept), (nil, .drop)])
        let wanted = map([(.number(22), .jump("base")), (.number(443), .accept), (nil, .accept)])
        let (from, to) = (table(maps: [live]), table(maps: [wanted]))
        #expect(
            try commands(from, to) == [
                #"{"delete":{"element":{"family":"inet","table":"seawall","name":"fate","elem":[["*",{"drop":null}],[22,{"drop":null}],[80,{"accept":null}]]}}}"#,
                #"{"add":{"map":{"family":"inet","table":"seawall","name":"fate","type":"inet_service","map":"verdict","elem":[[22,{"jump":{"target":"base"}}],[443,{"accept":null}],["*",{"accept":null}]]}}}"#,
            ])
        #expect("\(try change(from, to))" == "4 elements of the map 'fate': 1 added, 1 removed, 2 changed")
    }

    @Test func aMapOfIntervalsWithARestIsReplaced() throws {
        let (live, wanted) = (map([(.range(1, 9), .drop), (nil, .drop)]), map([(.range(1, 8), .drop), (nil, .drop)]))
        #expect(
            try change(table(maps: [live]), table(maps: [wanted]))
                == .replacement(
                    reason: "the map 'fate' holds intervals and '*', which nft 1.0.6 cannot change"))
    }

    @Test func boxesWhoseOrderDecidesArePutInOrder() throws {
        func boxes(_ elements: [NFTVerdictMapElement]) -> NFTTable {
            table(maps: [NFTMap(name: "boxes", kind: .concat([.ipv4, .port]), elements: elements)])
        }
        let narrow = NFTVerdictMapElement(.concat([try address("10.0.0.1"), .range(1, 9)]), .drop)
        let wide = NFTVerdictMapElement(.concat([try range("10.0.0.0", "10.0.0.9"), .range(1, 9)]), .accept)
        let live = boxes([narrow, wide])
        guard case .elements(let changes) = try change(live, live), let change = changes.first else {
            Issue.record("the order is not seen")
            return
        }
        #expect(change.contents?.count == 2 && change.count == 0)
        #expect("\(change)" == "the elements of the map 'boxes': put in their order")
        #expect(
            try NFTTableImage(NFTDocument(table: live).json).isSame(as: NFTTableImage(NFTDocument(table: live).json)))
    }

    // MARK: - Intervals

    @Test func intervalsThatStandAloneAreChangedOneByOne() throws {
        let live = ports([.range(10, 19), .range(30, 39)])
        #expect(
            try commands(table([live]), table([ports([.range(10, 19), .range(50, 59)])])) == [
                #"{"delete":{"element":{"family":"inet","table":"seawall","name":"ports","elem":[{"range":[30,39]}]}}}"#,
                #"{"add":{"element":{"family":"inet","table":"seawall","name":"ports","elem":[{"range":[50,59]}]}}}"#,
            ])
    }

    @Test(arguments: [[(20, 29)], [(22, 30), (31, 33)], [(12, 25)], [(50, 60)], [(35, 39)], [(45, 60)]])
    func neighboursAreFilledAnew(_ ranges: [(Int64, Int64)]) throws {
        let live = ports([.range(10, 19), .range(40, 49)])
        let kept = [(10, 19), (40, 49)].filter { kept in !ranges.contains { $0.0 <= kept.1 && kept.0 <= $0.1 } }
        let wanted = ports((kept + ranges).map { .range($0.0, $0.1) })
        let found = try commands(table([live]), table([wanted]))
        #expect(found.first == #"{"flush":{"set":{"family":"inet","table":"seawall","name":"ports"}}}"#)
        #expect(found.count == 2 && found.last?.hasPrefix(#"{"add":{"element""#) == true)
    }

    @Test func boxesMayLieWhereAnotherWasRemoved() throws {
        func boxes(_ ports: [ClosedRange<Int64>]) throws -> NFTTable {
            let elements: [NFTValue] = try ports.map {
                .concat([try range("10.0.0.0", "10.0.0.9"), .range($0.lowerBound, $0.upperBound)])
            }
            return table([NFTSet(name: "boxes", kind: .concat([.ipv4, .port]), elements: elements)])
        }
        let found = try commands(try boxes([1...9, 20...29]), try boxes([5...12, 20...29]))
        #expect(found.count == 2 && found.first?.hasPrefix(#"{"delete""#) == true)
        let overlapping = try commands(try boxes([1...9, 20...29]), try boxes([1...9, 5...12, 20...29]))
        #expect(overlapping.first?.hasPrefix(#"{"flush""#) == true)
    }

    @Test func theSameValuesInOtherPiecesAreTheSameSet() throws {
        let (pieces, whole) = (ports([.range(1, 9), .range(10, 19)]), ports([.range(1, 19)]))
        #expect(try change(table([pieces]), table([whole])) == .nothing)
        let prefix = NFTSet(
            name: "a", kind: .ipv4,
            elements: [.prefix(try #require(IPPrefix(holding: IPAddress.v4(0x0a00_0000), length: 24)))])
        let range = NFTSet(name: "a", kind: .ipv4, elements: [try range("10.0.0.0", "10.0.0.255")])
        #expect(try change(table([prefix]), table([range])) == .nothing)
    }

    @Test func namesThatAreWildcardsAreFilledAnew() throws {
        func names(_ texts: [String]) throws -> NFTTable {
            table([
                NFTSet(
                    name: "names", kind: .interface,
                    elements: try texts.map { .interface(try InterfacePattern(text: $0)) })
            ])
        }
        let found = try commands(try names(["eth*", "br0"]), try names(["eth*", "br1"]))
        #expect(found.first?.hasPrefix(#"{"flush""#) == true)
    }

    // MARK: - Asking the kernel

    @Test func theKernelIsAskedForEachElement() throws {
        let live = table([ports([.number(22)])], maps: [map([(.number(1), .drop), (.number(2), .drop)])])
        let wanted = table([ports([.number(80)])], maps: [map([(.number(1), .accept)])])
        guard case .elements(let changes) = try change(live, wanted) else { return }
        let questions = try #require(NFTTableChange.questions(changes))
        #expect(
            questions.map { $0["nftables"]?.array?.dropFirst().map { $0.text() } } == [
                [
                    #"{"delete":{"element":{"family":"inet","table":"seawall","name":"fate","elem":[[1,{"accept":null}]]}}}"#,
                    #"{"create":{"element":{"family":"inet","table":"seawall","name":"fate","elem":[[2,{"drop":null}]]}}}"#,
                    #"{"delete":{"element":{"family":"inet","table":"seawall","name":"ports","elem":[80]}}}"#,
                    #"{"create":{"element":{"family":"inet","table":"seawall","name":"ports","elem":[22]}}}"#,
                ],
                [
                    #"{"add":{"element":{"family":"inet","table":"seawall","name":"fate","elem":[[1,{"accept":null}]]}}}"#
                ],
            ])
    }

    @Test func ofIntervalsTheKernelIsNotAsked() throws {
        guard
            case .elements(let changes) = try change(
                table([ports([.range(1, 9)])]), table([ports([.range(1, 8)])]))
        else { return }
        #expect(NFTTableChange.questions(changes) == nil)
    }

    // MARK: - A property

    /// A set or map as a list of keys with verdicts, to which commands are done as the kernel does them.
    private func done(_ commands: [JSONValue], to content: [JSONValue]) -> Set<JSONValue> {
        func key(_ element: JSONValue) -> JSONValue { element.array?.first ?? element }
        var elements = Dictionary(uniqueKeysWithValues: content.map { (key($0), $0) })
        for command in commands {
            if command["flush"] != nil { elements = [:] }
            for element in command["delete"]?["element"]?["elem"]?.array ?? [] {
                #expect(elements.removeValue(forKey: key(element)) != nil, "\(element.text()) is not there")
            }
            let added = command["add"].flatMap { $0["element"] ?? $0["set"] ?? $0["map"] }
            for element in added?["elem"]?.array ?? [] {
                #expect(elements.updateValue(element, forKey: key(element)) == nil, "\(element.text()) is there")
            }
        }
        return Set(elements.values)
    }

    @Test func aChangeLeadsToWhatIsWanted() throws {
        var random = SystemRandomNumberGenerator()
        for round in 0..<300 {
            func elements() -> [(NFTValue?, NFTStatement)] {
                var next: Int64 = 0
                var result: [(NFTValue?, NFTStatement)] = []
                while next < 60 {
                    let last = round.isMultiple(of: 2) ? next : next + Int64.random(in: 0...3, using: &random)
                    if Bool.random(using: &random) {
                        result.append(
                            (
                                last == next ? .number(next) : .range(next, last),
                                Bool.random(using: &random) ? .drop : .accept
                            ))
                    }
                    next = last + Int64.random(in: 1...2, using: &random)
                }
                return result
            }
            let (live, wanted) = (elements(), elements())
            let tables = [live, wanted].map { table([ports($0.compactMap(\.0))], maps: [map($0)]) }
            switch try change(tables[0], tables[1]) {
            case .nothing: #expect(live.map { "\($0)" } == wanted.map { "\($0)" })
            // Only one of both may hold intervals.
            case .replacement: #expect(tables[0].sets[0].isInterval != tables[1].sets[0].isInterval)
            case .elements(let changes):
                for change in changes {
                    let isMap = change.declaration.isMap
                    let content = live.map { NFTElement($0.0, isMap ? $0.1 : nil).json }
                    #expect(
                        done(change.commands, to: content)
                            == Set(wanted.map { NFTElement($0.0, isMap ? $0.1 : nil).json }))
                }
            }
        }
    }
}
