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

    /// The same, with rules for what docker-proxy accepts at a port.
    static func proxied(_ family: AddressFamily = .ip, port: UInt16 = 8080) -> IPTablesProgram {
        var program = drops(family, "a")
        let tcp = IPTablesMatch.proto(Negatable(ProtocolWord(.tcp)))
        let dialled = IPTablesMatch.tcp(TCPMatch(destination: Negatable(PortRange(port, port))))
        program.input = [
            IPTablesRule(
                [.inInterface(Negatable(.exact("lo"))), .comment(comment("lo"))], target: .return),
            IPTablesRule([tcp, dialled, .comment(comment("gate"))], target: .goto("SEAWALL-proxied")),
        ]
        program.chains = [IPTablesChain(name: "SEAWALL-proxied", rules: [drop("b")])]
        return program
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
