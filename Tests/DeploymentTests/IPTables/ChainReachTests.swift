import Deployment
import IPTablesBackend
import Testing

struct ChainReachTests {
    private func reach(forward: [String], _ chains: KeyValuePairs<String, [String]>) throws -> ChainReach? {
        try SaveListing.parse(Listings.filter(forward: forward, chains)).table("filter")?.reach(of: "DOCKER-USER")
    }

    @Test func directJump() throws {
        #expect(try reach(forward: ["-j DOCKER-USER"], ["DOCKER-USER": []]) == .reached)
        #expect(try reach(forward: ["-g DOCKER-USER"], ["DOCKER-USER": []]) == .reached)
        #expect(try reach(forward: ["-m comment --comment \"a b\" -j DOCKER-USER"], ["DOCKER-USER": []]) == .reached)
    }

    @Test func behindRulesThatLetPacketsOn() throws {
        #expect(
            try reach(forward: ["-i lo -j ACCEPT", "-j LOG", "", "-j DOCKER-USER"], ["DOCKER-USER": []]) == .reached)
    }

    @Test func throughChainsThatAreReached() throws {
        #expect(
            try reach(forward: ["-j A"], ["A": ["-j B", "-j DROP"], "B": ["-j DOCKER-USER"], "DOCKER-USER": []])
                == .reached)
        #expect(
            try reach(
                forward: ["-j A", "-j DOCKER-USER"], ["A": ["-p tcp -j ACCEPT", "-j RETURN"], "DOCKER-USER": []])
                == .reached)
    }

    @Test func missing() throws {
        #expect(try reach(forward: ["-j A"], ["A": []]) == .missing)
    }

    @Test func unreached() throws {
        #expect(try reach(forward: ["-j A"], ["A": [], "B": ["-j DOCKER-USER"], "DOCKER-USER": []]) == .unreached)
    }

    @Test func conditional() throws {
        #expect(
            try reach(forward: ["-i eth0 -j DOCKER-USER"], ["DOCKER-USER": []])
                == .conditional(rule: "-A FORWARD -i eth0 -j DOCKER-USER"))
        #expect(
            try reach(forward: ["-p tcp -j A"], ["A": ["-j DOCKER-USER"], "DOCKER-USER": []])
                == .conditional(rule: "-A FORWARD -p tcp -j A"))
        #expect(
            try reach(forward: ["-j A"], ["A": ["-o eth0 -j DOCKER-USER"], "DOCKER-USER": []])
                == .conditional(rule: "-A A -o eth0 -j DOCKER-USER"))
    }

    @Test func blocked() throws {
        #expect(
            try reach(forward: ["-j ACCEPT", "-j DOCKER-USER"], ["DOCKER-USER": []])
                == .blocked(rule: "-A FORWARD -j ACCEPT"))
        #expect(
            try reach(forward: ["-j A", "-j DOCKER-USER"], ["A": ["-j DROP"], "DOCKER-USER": []])
                == .blocked(rule: "-A FORWARD -j A"))
        #expect(
            try reach(forward: ["-g A", "-j DOCKER-USER"], ["A": [], "DOCKER-USER": []])
                == .blocked(rule: "-A FORWARD -g A"))
        #expect(
            try reach(forward: ["-j A"], ["A": ["-j RETURN", "-j DOCKER-USER"], "DOCKER-USER": []])
                == .blocked(rule: "-A A -j RETURN"))
    }
}
