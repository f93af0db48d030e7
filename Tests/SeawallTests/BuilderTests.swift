import JSONC
import Testing

@testable import Seawall

struct BuilderTests {
    private func texts(@PolicyBuilder _ body: () -> PolicyContent) -> [String] { body().nodes.map(\.shape) }

    @Test func statementsStandInTheirOrder() {
        #expect(
            texts {
                Allow(.tcp(1))
                Drop(.tcp(2))
                Group("g") { Allow(.tcp(3)) }
                Inbound(on: "eth0") {
                    Allow(.tcp(4)); Default(.drop)
                }
                Containers { Outbound(via: "eth0") { Drop(.tcp(5)) } }
            } == ["tcp 1", "tcp 2", "g(tcp 3)", "inbound(tcp 4, default)", "outbound(tcp 5)"])
    }

    @Test(arguments: [true, false]) func conditionsChoose(isOn: Bool) {
        let found = texts {
            if isOn { Allow(.tcp(1)) }
            if isOn { Allow(.tcp(2)) } else { Allow(.tcp(3)) }
            switch isOn {
            case true: Allow(.tcp(4))
            case false: Allow(.tcp(5)); Allow(.tcp(6))
            }
            if #available(macOS 13, *) { Allow(.tcp(7)) }
        }
        #expect(found == (isOn ? ["tcp 1", "tcp 2", "tcp 4", "tcp 7"] : ["tcp 3", "tcp 5", "tcp 6", "tcp 7"]))
    }

    @Test func loopsAndFunctionsBuild() {
        @PolicyBuilder func web(_ ports: [Int]) -> PolicyContent {
            for port in ports { Allow(.tcp(PortSet(port))) }
        }
        struct Monitoring: PolicyComponent {
            var content: PolicyContent { Allow(.tcp(9100)).comment("prometheus").content }
        }
        #expect(
            texts {
                web([80, 443])
                for _ in 0..<0 { Default(.drop) }
                Monitoring()
            } == ["tcp 80", "tcp 443", "tcp 9100"])
    }

    @Test func conditionsOfLowLevelRulesBuild() {
        let isOn = true
        let rule = Rule(.drop) {
            Match.inInterface("eth0")
            if isOn { Match.protocol("tcp") } else { Match.protocol("udp") }
            for state in [ConntrackStateSet.new, .invalid] { Match.not(.state(state)) }
        }
        #expect(rule.rule.node.matches.map(\.field) == [.inInterface, .proto, .state, .state])
        #expect(rule.rule.node.matches.map(\.isNegated) == [false, false, true, true])
        #expect(Match.not(.not(.protocol("tcp"))) == .protocol("tcp"))
    }

    @Test func modifiersAddToARule() {
        let rule = Drop(.tcp(1)).comment("c").log(prefix: "p", level: .info, limit: .perMinute(3).burst(7)).limit(
            .perDay(1)
        ).until("2027-01-31")
        #expect(rule.node.comment == "c" && rule.node.until == "2027-01-31")
        #expect(rule.node.log?.prefix == "p" && rule.node.log?.level == "info" && rule.node.log?.limit?.burst == 7)
        #expect(rule.node.limit?.count == 1 && rule.node.limit?.unit == "day" && rule.node.limit?.burst == nil)
    }

    @Test func literalsAreTakenAsWritten() {
        let addresses: AddressSet = ["10.0.0.1", ["2001:db8::/32", .not("x")], .range("a", "b")]
        #expect(addresses.expression.json.text() == #"["10.0.0.1",["2001:db8::/32",{"not":"x"}],"a-b"]"#)
        let ports: PortSet = [80, "https", 8000...8010, .range(9, 1), .not(22)]
        #expect(ports.expression.json.text() == #"[80,"https",{"range":[8000,8010]},{"range":[9,1]},{"not":22}]"#)
        #expect(
            AddressSet(contentsOf: "f", mayBeEmpty: true).expression.json.text() == #"{"file":"f","mayBeEmpty":true}"#)
        let interfaces: InterfaceSelection = ["eth0", .not("br-*")]
        #expect(interfaces.expression.json.text() == #"["eth0",{"not":"br-*"}]"#)
        #expect(
            AddressSet.any.expression.isAny && PortSet.any.expression.isAny && InterfaceSelection.any.expression.isAny)
    }

    @Test func componentsKnowTheirLine() {
        let line = #line + 1
        let content = Inbound(on: "eth0") { Allow(.tcp(1)) }.content
        guard case .scope(let scope)? = content.nodes.first, case .rule(let rule)? = scope.children.first else {
            Issue.record("no scope with a rule")
            return
        }
        #expect(scope.location.line == line && rule.location.line == line)
        #expect(scope.location.file.hasSuffix("BuilderTests.swift"))
    }
}

extension PolicyNode {
    /// What kind of node it is, in a few words.
    fileprivate var shape: String {
        switch self {
        case .block(let block): "\(block.hook)(\(block.children.map(\.shape).joined(separator: ", ")))"
        case .chain(let chain): "chain \(chain.name)(\(chain.children.map(\.shape).joined(separator: ", ")))"
        case .scope(let scope): "\(scope.kind)(\(scope.children.map(\.shape).joined(separator: ", ")))"
        case .group(let group): "\(group.name)(\(group.children.map(\.shape).joined(separator: ", ")))"
        case .rule(let rule):
            rule.isDefault
                ? "default" : rule.services.map { "\($0.protocolName) \($0.ports.json.text())" }.joined(separator: " ")
        case .expectation: "expect"
        }
    }
}
