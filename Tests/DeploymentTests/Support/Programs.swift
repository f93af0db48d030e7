import IPTablesBackend
import PacketModel

/// Programs made by hand.
enum Programs {
    /// Rules that each drop what comes from an interface, with `sw:` and the name as the comment.
    static func drops(_ family: AddressFamily = .ip, _ names: String...) -> IPTablesProgram {
        IPTablesProgram(family: family, entry: names.map { drop($0) }, chains: [])
    }

    /// A rule that leads to a chain, and that chain.
    static func chained(_ family: AddressFamily = .ip, _ name: String) -> IPTablesProgram {
        let chain = IPTablesNames.chainPrefix + name
        return IPTablesProgram(
            family: family, entry: [IPTablesRule([.comment("sw:\(name)")], target: .jump(chain)), drop("last")],
            chains: [IPTablesChain(name: chain, rules: [drop(name + "-a"), drop(name + "-b")])])
    }

    static func drop(_ name: String) -> IPTablesRule {
        IPTablesRule([.inInterface(Negatable(.exact("eth0"))), .comment("sw:\(name)")], target: .drop)
    }
}
