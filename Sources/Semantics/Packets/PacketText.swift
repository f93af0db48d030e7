/// Packets as text: `tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0`.
///
/// ```text
/// packet     = ends { word }
/// ends       = protocol [ message ] endpoint "->" endpoint
/// endpoint   = address [ ":" port ]                    IPv6 with a port in brackets
/// message    = name | type [ "/" code ]                of ICMP and ICMPv6
/// word       = "new" | "established" | "related" | "related-icmp" [ message ] | "invalid" | "untracked"
///            | "original" | "reply"
///            | "published" | "to" endpoint
///            | "of" ends | "status" bits
///            | "in" interface | "out" interface
///            | "flags" flags | "fragment" | "length" bytes | "ttl" number | "dscp" number | "mac" address
///            | "mark" number | "ctmark" number | "link" type | "at" instant
///            | "type" side [ "in" | "out" ] type
/// ```
///
/// The ends are those of the connection, as it was dialled; with `of`, `invalid` or `untracked` they are the packet's own.
/// Every valid packet has a text, and is read from it again as it was; docs/packets.md explains the words.
package enum PacketText {
    /// A packet that is read without anything being assumed but its source port and where it leaves.
    package static let example = "tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0"

    /// Reads a packet.
    ///
    /// - Parameter text: a packet in the grammar above.
    /// - Returns: a valid packet; its clock stands at 0 unless the text says otherwise.
    /// - Throws: where the text goes wrong, and what was expected there.
    package static func parse(_ text: String) throws(PacketTextError) -> PacketState {
        try description(text).state()
    }

    /// Reads a packet as it is described, without what is not said.
    ///
    /// - Parameter text: a packet in the grammar above.
    /// - Returns: a description whose packet is valid.
    /// - Throws: where the text goes wrong, and what was expected there.
    package static func description(_ text: String) throws(PacketTextError) -> PacketDescription {
        var reader = PacketTextReader(try PacketTokens(text))
        return try reader.read()
    }
}

extension PacketState {
    /// The packet as text, in the fewest words; `PacketText.parse` reads it again as it was.
    package var text: String { PacketDescription(self).text }
}
