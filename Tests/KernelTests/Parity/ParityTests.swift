import Glibc
import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Both engines decide every packet alike, whatever the policy.
    @Suite struct ParityTests {
        /// `SEAWALL_SEED=N` tries the policy of one seed again.
        static let seeds: [UInt64] = {
            if let text = getenv("SEAWALL_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
            // The same few each time, so that a change is what makes a difference; many new ones in the long run.
            guard getenv("SEAWALL_LONG_TESTS") != nil else { return Array(1...10) }
            let first = UInt64.random(in: 0...1_000_000_000)
            return (0..<300).map { first + $0 }
        }()

        @Test func allPacketsPassWithoutAPolicy() throws {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            for (probe, fate) in zip(ParityPackets.before, try lab.send(ParityPackets.before)) {
                #expect(fate == .passed, "\(probe)")
            }
            for (probe, fate) in zip(ParityPackets.all, try lab.send(ParityPackets.all)) {
                #expect(fate == .passed, "\(probe)")
            }
        }

        @Test(arguments: seeds)
        func randomPolicyDecidesAlike(seed: UInt64) throws {
            var generator = RandomPolicy(seed: seed)
            // Odd seeds: the rules stand in a chain of their own, from which they have to hand packets on otherwise.
            let options = ["--layout", seed.isMultiple(of: 2) ? "docker-user" : "own-chain"]
            // Most policies are right at once; some hold a rule that can never match, or that one engine cannot have.
            for _ in 0..<20 {
                let policy = generator.make()
                guard let iptables = try fates(under: policy, .iptables, options),
                    let nft = try fates(under: policy, .nft)
                else { continue }
                for (probe, (a, b)) in zip(ParityPackets.all, zip(iptables, nft)) {
                    #expect(a == b, "\(probe): \(a) under iptables, \(b) under nft; SEAWALL_SEED=\(seed)")
                }
                return
            }
            Issue.record("no policy of this seed can be applied; SEAWALL_SEED=\(seed)")
        }

        /// What becomes of the packets; nothing where the policy makes no sense, or the backend refuses it.
        private func fates(
            under policy: PolicyContent, _ backend: Backend, _ options: [String] = []
        ) throws -> [Fate]? {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            _ = try lab.send(ParityPackets.before)
            let installed = try install(policy, backend: backend, in: lab, options: options)
            if installed.status == 3
                || installed.status == 1 && Self.senseless.contains(where: installed.complaint.contains)
            {
                return nil
            }
            try #require(installed.status == 0, "seawall apply: \(installed.complaint)\(installed.output)")
            return try lab.send(ParityPackets.all)
        }

        private static let senseless = [
            "[never-matches]", "[family-mismatch]", "[interface-overlap]", "[port-without-protocol]",
            "[interface-overlap]",
        ]
    }
}
