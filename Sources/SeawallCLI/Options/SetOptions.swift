internal import ArgumentParser
internal import IPTablesBackend

/// Whether rules of iptables ask sets of the kernel.
struct SetOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Put lists of addresses into sets of ipset, for iptables: the kernel looks an address up in a set as fast as in one rule."
        ))
    var ipset = false

    /// When addresses become a set; `nil` if never.
    var sets: IPSetOptions? { ipset ? IPSetOptions() : nil }
}
