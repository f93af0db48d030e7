internal import JSONC

/// What a document makes, or a listing shows, of a table: chains, the comments of their rules, and names of sets.
struct NFTTableShape: Hashable, Sendable {
    /// The chains in order of appearance.
    var chains: [NFTChainShape] = []
    /// The names of sets and maps.
    var sets: [String] = []

    /// The chain of a name.
    func chain(_ name: String) -> NFTChainShape? { chains.first { $0.name == name } }

    /// The shape at the end of a document of our own, or of a listing, whose objects stand without a command.
    init(_ document: JSONValue) {
        for command in document["nftables"]?.array ?? [] {
            guard case .object(let members) = command, let member = members.first else { continue }
            switch member.key {
            case "add", "create": add(member.value)
            case "insert": add(member.value, inFront: true)
            case "delete": delete(member.value)
            default: add(command)
            }
        }
    }

    private mutating func add(_ object: JSONValue, inFront: Bool = false) {
        if let chain = object["chain"], let name = chain["name"]?.string, self.chain(name) == nil {
            chains.append(NFTChainShape(chain, name: name))
        }
        if let rule = object["rule"], let place = chains.firstIndex(where: { $0.name == rule["chain"]?.string }) {
            let comment = rule["comment"]?.string ?? ""
            chains[place].comments.insert(comment, at: inFront ? 0 : chains[place].comments.endIndex)
        }
        if let set = object["set"] ?? object["map"], let name = set["name"]?.string, !sets.contains(name) {
            sets.append(name)
        }
    }

    private mutating func delete(_ object: JSONValue) {
        if object["table"] != nil { self = NFTTableShape() }
    }

    private init() {}
}

/// A chain with the comments of its rules.
struct NFTChainShape: Hashable, Sendable {
    /// The name.
    var name: String
    /// `type filter hook forward priority -10; policy drop`, or nothing for a chain that only rules jump to.
    var base: String?
    /// The comment of each rule; empty for a rule without one.
    var comments: [String] = []

    init(_ chain: JSONValue, name: String) {
        self.name = name
        guard let hook = chain["hook"]?.string else { return }
        let priority = chain["prio"]?.integer.map(String.init) ?? chain["prio"]?.string ?? "?"
        let policy = chain["policy"]?.string ?? "accept"
        base = "type \(chain["type"]?.string ?? "?") hook \(hook) priority \(priority); policy \(policy)"
    }
}

extension NFTTableShape {
    /// What the kernel holds otherwise than it was sent, in words; nothing if it is the same.
    func differences(from sent: NFTTableShape) -> [String] {
        var result: [String] = []
        for chain in sent.chains {
            guard let found = self.chain(chain.name) else {
                result.append("the chain '\(chain.name)' is missing")
                continue
            }
            if found.base != chain.base {
                result.append(
                    "the chain '\(chain.name)' is \(found.base ?? "no base chain"), sent was "
                        + "\(chain.base ?? "no base chain")"
                )
            }
            result += commentDifference("chain '\(chain.name)'", sent: chain.comments, found: found.comments)
        }
        result += chains.filter { sent.chain($0.name) == nil }.map { "the chain '\($0.name)' was not sent" }
        result += sent.sets.filter { !sets.contains($0) }.map { "the set '\($0)' is missing" }
        return result
    }
}

/// The first place at which two sequences of comments part, in words.
func commentDifference(_ chain: String, sent: [String], found: [String]) -> [String] {
    guard sent != found else { return [] }
    let place =
        zip(sent, found).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(sent.count, found.count)
    func name(_ comments: [String]) -> String { place < comments.count ? "'\(comments[place])'" : "nothing" }
    return [
        "the \(chain) has \(found.count) rules, \(sent.count) were sent; rule \(place + 1) is \(name(found)), sent "
            + "was \(name(sent))"
    ]
}
