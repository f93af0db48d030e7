import PacketModel
import Testing

/// The algebra of sets, for all sets over a domain with both ends of its type.
struct IntervalSetTests {
    /// Where a bit of a small number stands in the domain: at both ends, and beside one another.
    private let domain: [UInt8] = [0, 1, 2, 127, 128, 253, 254, 255]

    private func members(_ bits: Int) -> Set<UInt8> {
        Set(domain.indices.filter { bits >> $0 & 1 == 1 }.map { domain[$0] })
    }

    private func set(_ bits: Int) -> IntervalSet<UInt8> { IntervalSet(members(bits).map { $0...$0 }) }

    private func members(of set: IntervalSet<UInt8>) -> Set<UInt8> {
        Set((UInt8.min...UInt8.max).filter { set.contains($0) })
    }

    @Test func everySetHasOneForm() {
        for bits in 0..<256 {
            let set = set(bits)
            #expect(members(of: set) == members(bits))
            for (left, right) in zip(set.intervals, set.intervals.dropFirst()) {
                #expect(Int(left.upperBound) + 1 < Int(right.lowerBound))
            }
            #expect(set.isEmpty == (bits == 0))
            #expect(set.single == (members(bits).count == 1 ? members(bits).first : nil))
        }
    }

    @Test func theOnlyGapIsAComplementOfOneInterval() {
        for bits in 0..<256 {
            let missing = set(bits).complement.intervals
            #expect(set(bits).onlyGap == (missing.count == 1 ? missing[0] : nil))
            #expect(set(bits).complement.onlyGap == (set(bits).intervals.count == 1 ? set(bits).intervals[0] : nil))
        }
        #expect(IntervalSet<UInt8>.none.onlyGap == 0...255 && IntervalSet<UInt8>.all.onlyGap == nil)
    }

    @Test func complementsAreWhatIsMissing() {
        for bits in 0..<256 {
            let set = set(bits)
            #expect(members(of: set.complement) == Set(UInt8.min...UInt8.max).subtracting(members(bits)))
            #expect(set.complement.complement == set)
            #expect(set.union(set.complement).isAll)
            #expect(set.intersection(set.complement).isEmpty)
        }
    }

    @Test func unionsAndIntersectionsAreThoseOfTheMembers() {
        for a in 0..<256 {
            for b in stride(from: 0, to: 256, by: 3) {
                #expect(members(of: set(a).union(set(b))) == members(a).union(members(b)))
                #expect(members(of: set(a).intersection(set(b).complement)) == members(a).subtracting(members(b)))
            }
        }
    }

    @Test func overlappingAndAdjacentIntervalsAreJoined() {
        #expect(IntervalSet<UInt16>([5...9, 0...3, 4...4, 7...20]).intervals == [0...20])
        #expect(IntervalSet<UInt16>([0...65535, 65535...65535]).isAll)
        #expect(
            IntervalSet<UInt128>([0...0, UInt128.max...UInt128.max]).complement.intervals == [1...(UInt128.max - 1)])
        #expect(IntervalSet<UInt16>.none.complement == .all)
        #expect(IntervalSet<UInt16>.all.complement == .none)
    }

    @Test func addressSetsKeepTheirFamiliesApart() throws {
        let set = IPAddressSet([try IPAddressRange(text: "10.0.0.0/8")])
        #expect(set.families == .ip)
        #expect(set.complement.families == .both)
        #expect(set.complement.v6.isAll)
        #expect(set.union(set.complement).isAll)
        #expect(set.intersection(set.complement).isEmpty)
        #expect(set.ranges(of: .ip6).isEmpty)
        #expect(set.ranges(of: .ip).map(\.description) == ["10.0.0.0/8"])
        #expect(!set.contains(.v6(10)))
    }
}
