import PacketModel
import Testing

struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("192.0.2.7", "192.0.2.7"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::A", "2001:db8::a"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("0:0:0:0:0:0:0:1", "::1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("fe80::", "fe80::"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func addressesAreWrittenAsRFC5952Says(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "256.0.0.1", "01.2.3.4", "1.2.3.04", "0x1.2.3.4",
        "1.2.3.4 ", " 1.2.3.4",
        "+1.2.3.4", "1.2.3.-4", "1.2.3.4\0", "１.2.3.4", "1.2.3.٤", "1..3.4", "1.2.3.4/24", "1.2.3.4-5", "1e1.2.3.4",
        ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1::2", "12345::", "g::", "1:::2",
        ":1", "1:",
        ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "fe80::1%eth0", "::1.2.3", "::1.2.3.256", "1.2.3.4::", "::1.2.3.4:5",
        "[::1]", "::+1",
        "::-1", "1:2:3:4:5:6:7:1.2.3.4", "::１", "2001:db8::/32", "localhost", "::ffff:01.2.3.4",
    ])
    func nothingElseIsAnAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test func everyAddressOfASampleComesBack() {
        var state: UInt64 = 1
        for round in 0..<4000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let v4 = IPAddress.v4(UInt32(truncatingIfNeeded: state >> 32))
            #expect(IPAddress(v4.description) == v4)
            // Groups of zeros at every place.
            let bits = UInt128(state) << 64 | UInt128(state &* 31)
            var masked: UInt128 = 0
            for group in 0..<8 where round >> group & 1 == 1 { masked |= bits & (0xffff << (16 * UInt128(group))) }
            let v6 = IPAddress.v6(masked)
            #expect(IPAddress(v6.description) == v6, "\(v6)")
        }
    }

    @Test func addressesAreOrderedByFamilyAndValue() throws {
        let sorted = ["10.0.0.1", "192.0.2.1", "::", "2001:db8::"].compactMap { IPAddress($0) }
        #expect(sorted.shuffled().sorted() == sorted)
    }
}

struct IPPrefixTests {
    @Test func everyLengthMasks() throws {
        let v4 = try #require(IPAddress("203.0.113.255"))
        let v6 = try #require(IPAddress("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"))
        for (address, bits) in [(v4, 32), (v6, 128)] {
            for length in 0...bits {
                let prefix = try #require(IPPrefix(holding: address, length: length))
                #expect(IPPrefix(prefix.address, length: length) == prefix)
                let range = IPAddressRange(prefix)
                #expect(range.first == prefix.address)
                #expect(range.prefix == prefix)
                #expect(IPAddressSet([range]).contains(address))
                #expect(try IPAddressRange(text: "\(prefix)") == range)
            }
            #expect(IPPrefix(holding: address, length: bits + 1) == nil)
            #expect(IPPrefix(holding: address, length: -1) == nil)
        }
        #expect(IPPrefix(v4, length: 31) == nil)
        #expect(IPPrefix(v4, length: 32)?.description == "203.0.113.255/32")
    }
}

struct IPAddressRangeTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("192.0.2.7/32", "192.0.2.7"), ("192.0.2.0-192.0.2.255", "192.0.2.0/24"),
        ("192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9"), ("192.0.2.9-192.0.2.9", "192.0.2.9"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"), ("2001:db8::1-2001:db8::1", "2001:db8::1"),
        ("2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32"),
    ])
    func rangesAreWrittenInTheirShortestForm(text: String, shortest: String) throws {
        let range = try IPAddressRange(text: text)
        #expect(range.description == shortest)
        #expect(try IPAddressRange(text: shortest) == range)
    }

    @Test(arguments: [
        ("192.0.2.0/24/24", AddressTextError.badPrefixLength(maximum: 32)),
        ("192.0.2.0/1e1", .badPrefixLength(maximum: 32)),
        ("192.0.2.0/ 24", .badPrefixLength(maximum: 32)), ("192.0.2.0/+24", .badPrefixLength(maximum: 32)),
        ("192.0.2.0/255.255.255.0", .badPrefixLength(maximum: 32)), ("192.0.2.0/٢٤", .badPrefixLength(maximum: 32)),
        ("::/9999999999999999999999", .badPrefixLength(maximum: 128)), ("192.0.2.1-192.0.2.2-192.0.2.3", .notAnAddress),
        ("-", .notAnAddress), ("/", .notAnAddress), ("192.0.2.1-9", .notAnAddress), ("::1-::", .invertedRange),
        ("::1-1.2.3.4", .mixedRange),
    ])
    func nothingElseIsARange(text: String, error: AddressTextError) {
        #expect(throws: error) { try IPAddressRange(text: text) }
    }
}
