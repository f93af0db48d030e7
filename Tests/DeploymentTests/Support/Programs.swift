import IPTablesBackend
import PacketModel

/// Programs made by hand.
enum Programs {
    /// Rules that each drop what comes from an interface, with the name as the comment.
    static func drops(_ family: AddressFamily = .ip, _ names: String...) -> IPTablesProgram {
        IPTablesProgram(family: family, entry: names.map { drop($0) }, chains: [])
    }

    /// A rule that leads to a chain, and that chain.
    static func chained(_ family: AddressFamily = .ip, _ name: String) -> IPTablesProgram {
        let chain = IPTablesNames.chainPrefix + name
        return IPTablesProgram(
            family: family, entry: [IPTablesRule([.comment(comment(name))], target: .jump(chain)), drop("last")],
            chains: [IPTablesChain(name: chain, rules: [drop(name + "-a"), drop(name + "-b")])])
    }

    static func drop(_ name: String) -> IPTablesRule {
        IPTablesRule([.inInterface(Negatable(.exact("eth0"))), .comment(comment(name))], target: .drop)
    }

    /// A comment of ours: the name as an identifier of eight characters, and what stands behind it.
    static func comment(_ name: String) -> String {
        let word = name.prefix { $0 != " " }.replacing("l", with: "1")
        let isPart = word.contains("-")
        return "sw:" + word + (isPart ? "" : String(repeating: "0", count: 8 - word.count)) + name.drop { $0 != " " }
    }
}
