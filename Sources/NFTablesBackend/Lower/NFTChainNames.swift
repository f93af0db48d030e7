internal import FirewallIR
internal import PacketModel

/// The names of chains in the table.
///
/// Chains of a rule set may be called anything, and two scopes may have chains of one name; nft's own language writes
/// letters, digits, `_`, `.`, `-` and `/`, no digit, `-` or `/` first, and none of its own words. Names are kept where they
/// can be.
struct NFTChainNames {
    private(set) var renamed: [NFTRenamedChain] = []
    private var names: [[String: String]] = []
    private var used: Set<String> = []

    /// The base chain of a whole filter table at a hook.
    static func base(_ hook: Scope.Hook) -> String { "filter-\(hook.rawValue)" }

    /// Names for all chains of some scopes.
    init(_ scopes: [Scope]) {
        used = Set(scopes.filter { $0.hook.isWholeTable }.map { Self.base($0.hook) })
        // Those that keep their names come first, so that no made-up name takes one away.
        let wanted = scopes.flatMap { $0.chains.map(\.name) }
        let kept = Set(wanted.filter { Self.isWritable($0) && !used.contains($0) })
        var taken: Set<String> = []
        for scope in scopes {
            var own: [String: String] = [:]
            for chain in scope.chains {
                own[chain.name] = name(of: chain, in: scope, kept: kept, &taken)
            }
            names.append(own)
        }
    }

    private mutating func name(
        of chain: Chain, in scope: Scope, kept: Set<String>, _ taken: inout Set<String>
    ) -> String {
        if scope.hasOwnBase && chain.name == scope.entry { return Self.base(scope.hook) }
        if kept.contains(chain.name), taken.insert(chain.name).inserted {
            used.insert(chain.name)
            return chain.name
        }
        let suffix = scope.families == .both ? "" : "-" + scope.families.families.map(\.rawValue).joined()
        let name = unused(Self.writable(chain.name) + (kept.contains(chain.name) ? suffix : ""), besides: kept)
        renamed.append(
            NFTRenamedChain(hook: scope.hook, families: scope.families, original: chain.name, name: name))
        return name
    }

    /// The name of a chain of a scope.
    func name(_ chain: String, scope: Int) -> String { names[scope][chain] ?? chain }

    /// A name for a chain that is made for a rule.
    mutating func fresh(_ name: String) -> String { unused(Self.writable(name), besides: []) }

    private mutating func unused(_ name: String, besides kept: Set<String>) -> String {
        var candidate = name
        var count = 1
        while kept.contains(candidate) || !used.insert(candidate).inserted {
            count += 1
            candidate = "\(name)-\(count)"
        }
        return candidate
    }

    // MARK: - What nft can write

    /// Whether nft's own language can write a name.
    static func isWritable(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) || first == UInt8(ascii: "_") else { return false }
        return name.utf8.count <= 128 && name.utf8.allSatisfy(isWritable) && !NFTKeywords.all.contains(name)
    }

    /// The name with a `-` for each character that nft cannot write.
    private static func writable(_ name: String) -> String {
        let characters = name.prefix(100).map { character in
            character.utf8.count == 1 && character.utf8.allSatisfy(isWritable) ? character : "-"
        }
        let text = String(characters)
        return isWritable(text) ? text : "chain-" + text
    }

    private static func isWritable(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte >= 48 && byte <= 57 || [UInt8](".-_/".utf8).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122 }
}

extension Scope {
    /// Whether the entry chain is a base chain: the scope speaks of all packets that come by.
    var hasOwnBase: Bool { hook.isWholeTable && families == .both }
}
