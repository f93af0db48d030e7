import JSONC
import NFTablesBackend
import Testing

/// Dates of a listing, as seconds.
@Suite struct NFTMomentsTests {
    private func listing(_ value: JSONValue, of key: String = "time") -> JSONValue {
        let match: JSONValue = ["match": ["op": "<", "left": ["meta": ["key": .string(key)]], "right": value]]
        return ["nftables": [["metainfo": ["json_schema_version": 1]], ["rule": ["chain": "c", "expr": [match]]]]]
    }

    @Test func aDateBecomesSeconds() {
        #expect(NFTMoments.asNumbers(listing("2037-02-01 00:00:00")) == listing(2_117_059_200))
        #expect(NFTMoments.asNumbers(listing("1970-01-01 00:00:01")) == listing(1))
    }

    @Test func aRangeBecomesNumbers() {
        let dates: JSONValue = ["range": ["2001-01-31 18:00:00", "2001-01-31 18:00:01"]]
        #expect(NFTMoments.asNumbers(listing(dates)) == listing(["range": [980_964_000, 980_964_001]]))
    }

    @Test(arguments: [
        JSONValue.string("soon"), JSONValue.integer(5), JSONValue.string("2037-02-31 00:00:00"),
    ])
    func whatIsNoDateStays(_ value: JSONValue) { #expect(NFTMoments.asNumbers(listing(value)) == listing(value)) }

    @Test func otherTextsStay() {
        let other = listing("2037-02-01 00:00:00", of: "iifname")
        #expect(NFTMoments.asNumbers(other) == other)
    }
}
