import Testing

@testable import PacketLab

@Suite struct ChecksumTests {
    @Test func internetChecksumOfTheExampleInRFC1071() {
        #expect(internetChecksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
    }

    @Test func anOddByteStandsForAWordWithAZero() {
        #expect(internetChecksum([0x12, 0x34, 0x56]) == internetChecksum([0x12, 0x34, 0x56, 0x00]))
    }

    @Test func castagnoliChecksumOfTheUsualExample() {
        #expect(castagnoliChecksum(Array("123456789".utf8)) == 0xe306_9283)
    }
}
