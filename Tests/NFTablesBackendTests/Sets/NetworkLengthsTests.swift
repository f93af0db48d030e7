import Testing

@testable import NFTablesBackend

struct NetworkLengthsTests {
    @Test func lengthsOfManyNetworksAreAllKept() {
        #expect(NetworkLengths.kept([16: 500, 24: 1500, 32: 500]) == [16, 24, 32])
    }

    @Test func aFewNetworksAreSplitIntoTheNextLength() {
        // Four halves become eight of the thousand quarters that there are.
        #expect(NetworkLengths.kept([23: 4, 24: 1000]) == [24])
        #expect(NetworkLengths.kept([22: 3, 23: 4, 24: 1000, 32: 900]) == [24, 32])
    }

    @Test func aSplitThatWouldBeLargeIsNotMade() {
        #expect(NetworkLengths.kept([8: 1, 24: 1000]) == [8, 24])
        #expect(NetworkLengths.kept([32: 10, 128: 10]) == [32, 128])
    }

    @Test func oneLengthIsKept() {
        #expect(NetworkLengths.kept([24: 7]) == [24])
        #expect(NetworkLengths.kept([:]) == [])
    }
}
