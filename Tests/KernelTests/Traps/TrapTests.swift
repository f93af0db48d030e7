import PacketLab
import PacketModel
import Testing

extension KernelTests {
    /// What `docs/traps.md` says of commands, of packets, and of what `seawall import` finds.
    @Suite struct TrapTests {
        private static var page: String {
            get throws {
                let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
                let path = parts.prefix { $0 != "Tests" }.joined(separator: "/") + "/docs/traps.md"
                return try text(of: path)
            }
        }

        @Test("each trap is in the catalogue as it is tried here", arguments: Trap.all)
        func isWrittenDown(_ trap: Trap) throws {
            #expect(try Self.page.contains(trap.markdown), "docs/traps.md lacks:\n\(trap.markdown)")
            for finding in trap.findings ?? [] {
                let section = try #require(try Self.page.split(separator: "\n## ").first { $0.hasPrefix(trap.title) })
                #expect(section.contains("`\(finding)`"), "\(trap.title) lacks `\(finding)`")
            }
        }

        @Test("the packet that shows it", arguments: Trap.all)
        func isSeen(_ trap: Trap) throws {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            for family in AddressFamily.allCases { try lab.appendToForward(trap.docker, family) }
            for probe in trap.before { #expect(try lab.send(probe) == .passed, "\(probe)") }
            let script = trap.commands.map { $0.replacingTool("iptables", with: "iptables-legacy") }
            try Program.demand(["sh", "-ec", script.joined(separator: "\n")], in: lab[.router])
            for sighting in trap.sightings {
                #expect(try lab.send(sighting.probe) == sighting.happens, "\(trap.title): \(sighting.packet)")
            }
        }

        @Test("what the import says", arguments: Trap.all.filter { $0.findings != nil })
        func isFound(_ trap: Trap) throws {
            let lab = try #require(LabTrait.lab)
            let path = lab.folder + "/commands.v4"
            try write(trap.commands.joined(separator: "\n") + "\n", to: path)
            let program = try Program.run(
                [try seawall(), "import", path, "--family", "ip", "--to", "ir", "-o", lab.folder + "/ir.json"],
                in: lab[.router])
            #expect(program.status == 0, "\(program)")
            let warnings = program.complaint.split(separator: "\n").filter { $0.contains(": warning: ") }
            let names = warnings.compactMap { $0.split(separator: "[").last?.dropLast() }.map { String($0) }
            #expect(Set(names) == Set(trap.findings ?? []), "\(program.complaint)")
        }
    }
}

extension String {
    /// The command with one program in the place of another, where it stands first or behind a pipe.
    fileprivate func replacingTool(_ tool: String, with other: String) -> String {
        split(separator: " ", omittingEmptySubsequences: false).map { word in
            [tool, tool + "-save"].contains(String(word)) ? other + word.dropFirst(tool.count) : String(word)
        }.joined(separator: " ")
    }
}
