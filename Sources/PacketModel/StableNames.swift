/// Gives rules short stable names: eight characters from a hash of a text, what a rule says and where it stands
/// (docs/decisions/0009-stable-rule-identifiers.md).
///
/// Lines are no part of such a text, so that a rule keeps its name when others come or go; equal ones are told apart by their
/// order.
package struct StableNames {
    private var taken: Set<String>

    /// Names, none of which is one of those that are given away already.
    package init(taken: Set<String> = []) { self.taken = taken }

    /// The name of a rule by its text; no two are the same.
    package mutating func unused(_ text: String) -> String {
        // FNV-1a, 64 bits.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var name = Self.name(hash)
        while !taken.insert(name).inserted {
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
            name = Self.name(hash)
        }
        return name
    }

    // Crockford's base 32: no letter that can be taken for a digit.
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private static func name(_ hash: UInt64) -> String {
        // FNV-1a mixes its low bits poorly into the high ones; fold them.
        let folded = hash ^ (hash >> 29)
        return String(unsafeUninitializedCapacity: 8) { bytes in
            for place in 0..<8 { bytes[place] = alphabet[Int(folded >> UInt64(5 * place) & 31)] }
            return 8
        }
    }
}
