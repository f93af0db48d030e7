import FirewallIR
import IPTablesBackend
import JSONC
import PacketModel
import TestSupport
import Testing

@testable import Deployment

/// What is kept of a host that was made ready, and what our table stops in the place of a policy.
@Suite struct ReadyRecordTests {
    private func filter(_ lines: [String], policy: String = "DROP") throws -> IPTablesFilter {
        try IPTablesFilter(
            .legacy, .ip,
            listing: (["*filter", ":FORWARD \(policy) [7:420]"] + lines + ["COMMIT", ""]).joined(separator: "\n"))
    }

    private var before: IPTablesFilter {
        get throws {
            try filter([
                ":DOCKER-FORWARD - [0:0]", ":DOCKER-USER - [0:0]", ":vpn - [0:0]", "[3:180] -A FORWARD -j DOCKER-USER",
                "-A FORWARD -j DOCKER-FORWARD", "-A FORWARD -j vpn", "-A FORWARD -i wg1 -j LOG",
                "-A DOCKER-FORWARD -m mark --mark 0x1/0x1 -j ACCEPT", "-A DOCKER-FORWARD -i docker0 -j ACCEPT",
                "-A vpn -i wg0 -o eth0 -j ACCEPT", "-A vpn -i wg0 -j REJECT", "-A vpn -o wg0 -j RETURN",
            ])
        }
    }

    private var place: ReadiedPlace {
        ReadiedPlace(
            variant: .legacy, family: .ip, opensPolicy: true,
            dockerUser: ReadiedPlace.DockerUser(position: 0, rules: []))
    }

    private var afterwards: IPTablesFilter {
        get throws {
            var filter = try before
            filter.table.chains.removeAll { $0.name == "DOCKER-USER" }
            filter.table.chains[0].policy = "ACCEPT"
            filter.table.chains[0].rules.removeFirst()
            return filter
        }
    }

    @Test("what no rule of FORWARD decides is dropped between interfaces that are not Docker's")
    func guardOfOthers() throws {
        let made = ForwardGuard(
            try before, docker: ["br-*", "docker0"], others: ["br-lan"], closed: ["br-int"])
        #expect(made.acceptMarks == ["0x1/0x1"])
        #expect(made.othersRules == 5)
        let mismatch = Golden.mismatch(Ruleset(name: "Guard", scopes: [try made.scope()]).text, "Host/guard.ir")
        #expect(mismatch == nil, "\(mismatch ?? "")")
        #expect(Ruleset(name: "Guard", scopes: [try made.scope(), made.dockersPass()]).validate() == [])
    }

    @Test("the record comes back from its JSON; without one nothing was done")
    func record() throws {
        let made = ForwardGuard(try before, docker: ["br-*"], others: [], closed: ["br-int"])
        let record = ReadyRecord(
            guards: [made],
            places: [
                place,
                ReadiedPlace(
                    variant: .nft, family: .ip6, opensPolicy: false,
                    dockerUser: ReadiedPlace.DockerUser(
                        position: nil, rules: [SaveRule(words: ["-j", "RETURN"])])),
            ])
        let read = try ReadyRecord(json: JSONValue.parse(Array(record.json.text().utf8)))
        #expect(read.guards == record.guards)
        #expect(read.json == record.json)
        var snapshot = HostSnapshot(iptables: [])
        #expect(try HostSnapshot(json: snapshot.json) == snapshot)
        snapshot.readied = [place]
        #expect(try HostSnapshot(json: snapshot.json) == snapshot)
        // What is done once more to a place is one record of it.
        let again = record.adding(ReadyRecord(places: [place]))
        #expect(again.places.count == 2)
    }

    @Test("a table is brought back with its policy, the counters of that, and its jump at its place")
    func restoration() throws {
        let restoration = FilterRestoration(former: try before, now: try afterwards, readied: place)
        #expect(
            restoration.text == """
                *filter
                :FORWARD DROP [7:420]
                :DOCKER-USER - [0:0]
                -I FORWARD 1 -j DOCKER-USER
                COMMIT

                """)
        // Without that change nobody asked for another policy: it is somebody else's.
        let unasked = FilterRestoration(former: try before, now: try filter([":DOCKER-USER - [0:0]"], policy: "ACCEPT"))
        #expect(unasked.text == nil)
        let (was, now) = (try before, try afterwards)
        #expect(place.isUntouched(was) && !place.isDone(was))
        #expect(place.isDone(now) && !place.isUntouched(now))
        let undone = place.undone(in: try afterwards)
        #expect(undone.forwardPolicy == "DROP" && undone.jumpPosition == 0)
        #expect(FilterRestoration(former: undone, now: try before, readied: place).text == nil)
    }
}
