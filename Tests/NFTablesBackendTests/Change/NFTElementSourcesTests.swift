import Diagnostics
import PacketModel
import Testing

@testable import NFTablesBackend

/// Where elements came from, for a table that the kernel lists in another order.
struct NFTElementSourcesTests {
    private let first = SourceLocation(file: "Policy.swift", line: 7)
    private let second = SourceLocation(file: "Policy.swift", line: 8)

    private func address(_ text: String) throws -> NFTValue { .address(try #require(IPAddress(text))) }

    private func table(_ elements: [NFTValue]) -> NFTTable {
        NFTTable(name: "seawall", sets: [NFTSet(name: "drop-saddr4-32-1", kind: .ipv4, elements: elements)], chains: [])
    }

    private func document() throws -> NFTDocument {
        NFTDocument(
            table: table([try address("192.0.2.1"), try address("192.0.2.2")]),
            sources: NFTSources(
                elements: ["drop-saddr4-32-1": [["aaaaaaaa"], ["bbbbbbbb"]]],
                places: ["aaaaaaaa": first, "bbbbbbbb": second]))
    }

    @Test func elementsAreFoundByTheirValues() throws {
        let live = table([try address("192.0.2.2"), try address("192.0.2.1")])
        let sources = NFTElementSources(try document()).sources(of: live)
        #expect(sources.elements == ["drop-saddr4-32-1": [["bbbbbbbb"], ["aaaaaaaa"]]])
        #expect(sources.places["aaaaaaaa"] == first)
    }

    @Test func anElementOfSomebodyElseComesFromItsSet() throws {
        let live = table([try address("192.0.2.9"), try address("192.0.2.1")])
        let sources = NFTElementSources(try document()).sources(of: live)
        #expect(sources.elements == ["drop-saddr4-32-1": [["drop-saddr4-32-1"], ["aaaaaaaa"]]])
        #expect(sources.places["drop-saddr4-32-1"] == SourceLocation(file: "nft, set drop-saddr4-32-1"))
    }

    @Test func placesCanBeToldFromThoseOfAnotherPolicy() throws {
        let sources = NFTElementSources(try document()).prefixed("state 3: ").sources(of: table([]))
        #expect(sources.places["bbbbbbbb"] == SourceLocation(file: "state 3: Policy.swift", line: 8))
    }

    @Test func oneSpellingHasElementsInOrder() throws {
        let address = try #require(IPAddress("192.0.2.1"))
        let host = try #require(IPPrefix(address, length: 32))
        let form = table([try self.address("192.0.2.2"), .prefix(host)]).canonicalForm
        #expect(form == table([try self.address("192.0.2.1"), try self.address("192.0.2.2")]))
    }
}
