package import PacketModel

/// A text for `ipset restore`.
///
/// In it every set is filled under a name that no rule asks, and takes the place of the former one by `swap`, which the
/// kernel does at once: no packet meets a set that is half full. All sets are filled before the first is swapped, so that a
/// text that fails changes no set that is asked.
package struct IPSetDocument: Hashable, Sendable {
    /// Comment lines at the top, without `# `.
    package var header: [String]
    /// What happens, in order.
    package var lines: [IPSetLine]

    /// The document with which sets come to be what they are to be, whether they are there or not.
    package init(replacing sets: [IPSet], header: [String] = []) {
        self.header = header
        func filling(_ set: IPSet) -> String { set.name + IPSetNames.fillingSuffix }
        lines = sets.flatMap { set -> [IPSetLine] in
            let entries = set.entries
            let name = filling(set)
            let size = Self.hashSize(entries.count)
            return [.create(name, set.family, hashSize: size, mayExist: true), .flush(name)]
                + entries.map { .add(name, $0) }
        }
        lines += sets.map { .create($0.name, $0.family, hashSize: Self.hashSize(0), mayExist: true) }
        lines += sets.map { .swap(filling($0), $0.name) } + sets.map { .destroy(filling($0)) }
    }

    /// The document that takes sets away.
    package init(destroying names: [String]) {
        header = []
        lines = names.map { .destroy($0) }
    }

    /// The document that makes sets whose names nobody uses.
    package init(making sets: [IPSet]) {
        header = []
        lines = sets.flatMap { set -> [IPSetLine] in
            let entries = set.entries
            return [.create(set.name, set.family, hashSize: Self.hashSize(entries.count), mayExist: false)]
                + entries.map { .add(set.name, $0) }
        }
    }

    /// As many buckets as entries, so that the kernel need not enlarge the table while it is being filled.
    private static func hashSize(_ entries: Int) -> Int {
        var size = 64
        while size < entries && size < 1 << 24 { size *= 2 }
        return size
    }

    /// The text.
    package var text: String {
        (header.map { "# " + $0 } + lines.map(\.text)).map { $0 + "\n" }.joined()
    }
}

/// A line of a text for `ipset restore`.
package enum IPSetLine: Hashable, Sendable {
    /// `create NAME hash:net family inet hashsize N maxelem M`, with `-exist` where nothing is to happen if it is there.
    case create(String, AddressFamily, hashSize: Int, mayExist: Bool)
    /// `flush NAME`: takes all entries out.
    case flush(String)
    /// `add NAME 192.0.2.0/24`.
    case add(String, IPPrefix)
    /// `swap ONE OTHER`: each has the other's content and users from now on.
    case swap(String, String)
    /// `destroy NAME`.
    case destroy(String)

    /// The most entries that a set may have: it costs nothing, and it is the same for all of them, since `create -exist`
    /// takes a set that is there only if its `maxelem` is the same (measured with ipset 7.17).
    package static let mostEntries = 1 << 31

    /// The line.
    package var text: String {
        switch self {
        case .create(let name, let family, let hashSize, let mayExist):
            "create \(name) hash:net family \(family == .ip ? "inet" : "inet6") hashsize \(hashSize) "
                + "maxelem \(Self.mostEntries)\(mayExist ? " -exist" : "")"
        case .flush(let name): "flush \(name)"
        case .add(let name, let entry):
            "add \(name) \(entry.length == entry.address.family.addressBits ? "\(entry.address)" : "\(entry)")"
        case .swap(let one, let other): "swap \(one) \(other)"
        case .destroy(let name): "destroy \(name)"
        }
    }
}
