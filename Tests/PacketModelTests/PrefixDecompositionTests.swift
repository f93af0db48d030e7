import PacketModel
import Testing

/// Ranges as the fewest blocks of numbers that share their first bits.
struct PrefixDecompositionTests {
    @Test func everyRangeOfSmallNumbersIsItsBlocks() {
        for low in UInt8.min...UInt8.max {
            for high in low...UInt8.max {
                let blocks = (low...high).prefixBlocks
                #expect(blocks.flatMap { Array($0.range) } == Array(low...high))
                // At most two of a length, and no two that are one of the next shorter.
                let lengths = blocks.reduce(into: [Int: Int]()) { $0[$1.length, default: 0] += 1 }
                #expect(lengths.values.allSatisfy { $0 <= 2 })
                #expect(
                    zip(blocks, blocks.dropFirst()).allSatisfy { a, b in
                        a.length != b.length
                            || PrefixBlock(a.value, length: a.length - 1) != PrefixBlock(b.value, length: b.length - 1)
                    })
            }
        }
    }

    @Test func theEndsOfAddressSpacesAreReached() {
        #expect((UInt32.min...UInt32.max).prefixBlocks == [PrefixBlock(0, length: 0)])
        #expect((UInt128.min...UInt128.max).prefixBlocks == [PrefixBlock(0, length: 0)])
        #expect((UInt32.max...UInt32.max).prefixBlocks == [PrefixBlock(UInt32.max, length: 32)])
        #expect((UInt32(1)...UInt32.max).prefixBlocks.count == 32)
        #expect((UInt128.min...(UInt128.max - 1)).prefixBlocks.count == 128)
    }

    @Test func rangesOfAddressesAreNetworks() {
        let range = IPAddressRange.v4(0x0a00_0001...0x0a00_0006)
        #expect(range.prefixes.map(\.description) == ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32"])
    }
}
