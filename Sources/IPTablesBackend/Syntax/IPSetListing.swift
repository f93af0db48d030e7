internal import PacketModel

/// What `ipset save` prints, as far as it concerns our sets.
package struct IPSetListing: Hashable, Sendable {
    /// The names of all sets.
    package private(set) var names: Set<String> = []
    /// Those of ours whose content is fully known, by name.
    package private(set) var sets: [String: IPSet] = [:]

    /// Sets that are known.
    package init(_ sets: [String: IPSet]) {
        names = Set(sets.keys)
        self.sets = sets
    }

    /// Reads a listing.
    ///
    /// A set is known if it is `hash:net` of a family and all its entries are plain addresses and networks.
    package init(_ text: some StringProtocol) {
        var ranges: [Substring: [IPAddressRange]] = [:]
        var families: [Substring: AddressFamily] = [:]
        for line in text.split(separator: "\n") {
            let words = Substring(line).split(separator: " ")
            guard words.count >= 3 else { continue }
            if words[0] == "create" {
                names.insert(String(words[1]))
                families[words[1]] = Self.family(words)
            } else if words[0] == "add", families[words[1]] != nil {
                guard words.count == 3, let range = try? IPAddressRange(text: words[2]) else {
                    families[words[1]] = nil
                    continue
                }
                ranges[words[1], default: []].append(range)
            }
        }
        for (name, family) in families {
            let addresses = IPAddressSet(ranges[name] ?? [])
            sets[String(name)] = IPSet(name: String(name), family: family, addresses: addresses)
        }
    }

    private static func family(_ words: [Substring]) -> AddressFamily? {
        guard IPSetNames.isOwn(String(words[1])), words.count > 4, words[2] == "hash:net", words[3] == "family" else {
            return nil
        }
        // What expires, or is counted otherwise, is not ours.
        guard !words.contains("timeout"), !words.contains("netmask") else { return nil }
        return words[4] == "inet" ? .ip : words[4] == "inet6" ? .ip6 : nil
    }
}
