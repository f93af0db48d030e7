internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel
internal import Seawall

/// The texts of what a policy became.
struct EmissionFiles: Sendable {
    let pipeline: CompilationPipeline
    /// Where the rules of iptables begin.
    let layout: IPTablesLayout
    /// The boot service that loads them, if one does.
    let bootService: CompileCommand.BootService?

    /// The texts.
    func files(of emission: Emission) -> [CompiledFile] {
        switch emission {
        case .nft(let table, _): [file(table)]
        case .iptables(let programs):
            setFiles(programs) + programs.map { bootService == nil ? file($0) : bootFile($0) }
        }
    }

    /// The sets that the rules ask, in a file of their own for both families; none without sets.
    private func setFiles(_ programs: [IPTablesProgram]) -> [CompiledFile] {
        let sets = programs.flatMap(\.sets)
        guard !sets.isEmpty else { return [] }
        let header = [
            "seawall \(seawallVersion): sets of ipset, policy \(pipeline.ruleset.name)",
            "load with: ipset restore; before the rules, which ask these sets",
        ]
        return [CompiledFile(name: "rules.ipset", text: IPSetDocument(replacing: sets, header: header).text)]
    }

    private func file(_ table: NFTDocument) -> CompiledFile {
        bootService == nil
            ? CompiledFile(name: "seawall.nft.json", text: table.jsonText)
            : CompiledFile(name: "seawall.nft", text: table.text(header: pipeline.header(nil) + BootNotes.nft))
    }

    private func file(_ program: IPTablesProgram) -> CompiledFile {
        let options = program.isWholeTable ? "" : " --noflush"
        var header = pipeline.header(program.family) + ["load with: \(program.family.restore)\(options)"]
        if !program.sets.isEmpty { header.append("load the sets first: 'ipset restore' with rules.ipset") }
        if layout == .ownChain, !program.isWholeTable {
            header.append("load it once: a second load adds a second jump to DOCKER-USER; 'seawall apply' keeps one")
        }
        return CompiledFile(
            family: program.family, name: "rules.\(program.family.suffix)",
            text: program.document(layout: layout, header: header).text)
    }

    private func bootFile(_ program: IPTablesProgram) -> CompiledFile {
        let family = program.family
        let isSysconfig = bootService == .sysconfig
        let notes = isSysconfig ? BootNotes.sysconfig : BootNotes.netfilterPersistent
        return CompiledFile(
            family: family,
            name: isSysconfig ? (family == .ip ? "iptables" : "ip6tables") : "rules.\(family.suffix)",
            text: program.bootDocument(header: pipeline.header(family) + notes(family)).text)
    }
}

extension AddressFamily {
    fileprivate var restore: String { self == .ip ? "iptables-restore" : "ip6tables-restore" }
}
