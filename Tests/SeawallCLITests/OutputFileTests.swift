import Glibc
import TestSupport
import Testing

/// Where results go, and that nothing is lost on the way.
struct OutputFileTests {
    private func compile(_ options: String..., in folder: TestFolder, policy: TestPolicy = .simple) async throws
        -> ShellOutcome
    {
        try await run(Executable.path, ["compile", "-"] + options, input: policy.document, folder: folder.path)
    }

    @Test func aFolderHoldsAFileForEachFamily() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(try await compile("--backend", "iptables", "-o", "out/", in: folder).summary == "exit 0\n")
            #expect(TestFolder(path: folder.path + "/out").names == ["rules.v4", "rules.v6"])
            #expect(folder.read("out/rules.v4")?.hasPrefix("# seawall 0.1.0: iptables (ip), policy Test\n") == true)
            #expect(folder.read("out/rules.v6")?.hasPrefix("# seawall 0.1.0: ip6tables (ip6), policy Test\n") == true)
            #expect(try await compile("--backend", "iptables", "-o", ".", in: folder).status == 0)
            #expect(folder.names == ["out", "rules.v4", "rules.v6"])
            #expect(try await compile("--backend", "nft", "-o", "out", in: folder).status == 0)
            #expect(TestFolder(path: folder.path + "/out").names == ["rules.v4", "rules.v6", "seawall.nft.json"])
        }
    }

    @Test func aNameMayHoldTheFamily() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(try await compile("--backend", "iptables", "-o", "fw.%f", in: folder).status == 0)
            #expect(folder.names == ["fw.v4", "fw.v6"])
        }
    }

    @Test func oneNameIsForOneFile() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let outcome = try await compile("--backend", "iptables", "-o", "fw", in: folder)
            #expect(
                outcome.summary == """
                    exit 2
                    seawall: error: there is one file for IPv4 and one for IPv6, and 'fw' is one name: name a folder, put %f where v4 or v6 is to stand, or choose a family with --family [one-file-for-two]

                    """)
            #expect(folder.names == [])
            #expect(try await compile("--backend", "iptables", "--family", "ip6", "-o", "fw", in: folder).status == 0)
            #expect(try await compile("--backend", "nft", "-o", "fw.json", in: folder).status == 0)
            #expect(try await compile("--ir", "-o", "fw.ir", in: folder).status == 0)
            #expect(folder.names == ["fw", "fw.ir", "fw.json"])
        }
    }

    @Test func aPolicyIsNotWrittenOver() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(try await compile("--document", "-o", "policy.json", in: folder).status == 0)
            let before = folder.read("policy.json")
            let outcome = try await Executable.run(
                "compile", "./policy.json", "--backend", "nft", "-o", "policy.json", folder: folder.path)
            #expect(outcome.status == 2)
            #expect(
                outcome.errors
                    == "seawall: error: 'policy.json' is the policy itself: name another file with -o [output-is-input]\n"
            )
            #expect(folder.read("policy.json") == before)
        }
    }

    @Test func filesOfBootServicesHaveTheirNames() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            for service in ["sysconfig", "netfilter-persistent", "nftables-service"] {
                #expect(try await compile("--for", service, "-o", ".", in: folder).summary == "exit 0\n")
            }
            #expect(folder.names == ["ip6tables", "iptables", "rules.v4", "rules.v6", "seawall.nft"])
        }
    }

    @Test func whatCannotBeWrittenLeavesWhatWasThere() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            try folder.write("fw", "old\n")
            let refused = try await compile(
                "--backend", "nft", "-o", "fw", in: folder, policy: TestPolicy(#""verdict":"accept""#))
            #expect(refused.status == 3 && folder.read("fw") == "old\n")
            let wrong = try await compile(
                "--backend", "nft", "-o", "fw", in: folder, policy: TestPolicy(#""verdict":"drop","from":"x""#))
            #expect(wrong.status == 1 && folder.read("fw") == "old\n")
            #expect(
                try await compile("--backend", "nft", "-o", "no/such/folder/fw", in: folder).summary
                    == "exit 4\nseawall: error: cannot write 'no/such/folder/fw': No such file or directory [cannot-write]\nseawall: note: what was there before is as it was\n"
            )
            #expect(try await compile("--backend", "nft", "-o", "", in: folder).status == 4)
            #expect(folder.names == ["fw"])
        }
    }

    @Test func ofTwoFilesBothAreWrittenOrNone() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            try folder.write("fw.v4", "old\n")
            #expect(mkdir(folder.path + "/fw.v6", 0o755) == 0)
            let outcome = try await compile("--backend", "iptables", "-o", "fw.%f", in: folder)
            #expect(outcome.status == 4 && outcome.errors.contains("cannot write 'fw.v6': Is a directory"))
            #expect(folder.read("fw.v4") == "old\n")
            #expect(folder.names == ["fw.v4", "fw.v6"])
        }
    }

    @Test func devicesAreWrittenTo() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(
                try await compile("--backend", "nft", "-o", "/dev/stdout", in: folder).output.hasPrefix("{\"nftables\"")
            )
            let full = try await compile("--backend", "nft", "-o", "/dev/full", in: folder)
            #expect(
                full.status == 4
                    && full.errors.contains("cannot write '/dev/full': No space left on device [cannot-write]"))
        }
    }

    @Test func aFileKeepsItsPermissions() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let path = try folder.write("fw", "old\n")
            #expect(chmod(path, 0o600) == 0)
            #expect(try await compile("--backend", "nft", "-o", "fw", in: folder).status == 0)
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            // A link stays one, and what it leads to is written.
            #expect(symlink("fw", folder.path + "/link") == 0)
            try folder.write("fw", "old\n")
            #expect(try await compile("--backend", "nft", "-o", "link", in: folder).status == 0)
            #expect(lstat(folder.path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
            #expect(folder.read("fw")?.hasPrefix("{") == true)
        }
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to mount a small file system"))
    func aFullDiskLeavesWhatWasThere() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            // In a mount namespace of its own, which goes with the shell.
            let script = """
                mount -t tmpfs -o size=16k none '\(folder.path)' && cd '\(folder.path)'
                echo old > fw.v4; head -c 12000 /dev/zero > filler
                '\(Executable.path)' compile - --backend iptables -o fw.%f; echo "exit $?"; cat fw.v4; ls
                """
            let rules = (0..<60).map {
                #""verdict":"drop","services":[{"protocol":"tcp","ports":\#($0 + 1)}],"comment":"number \#($0)""#
            }
            let outcome = try await run(
                "/usr/bin/unshare", ["-m", "sh", "-c", script], input: TestPolicy(many: rules).document)
            #expect(outcome.output == "exit 4\nold\nfiller\nfw.v4\n", "\(outcome.errors)")
            #expect(outcome.errors.contains("cannot write 'fw.v"))
        }
    }
}
