import PurchaseContracts
import Testing

@testable import Coupons

@Suite struct DiscountTests {
    @Test(
        arguments: [
            (0, 1000, 0), (1, 10_000, 1), (1, 5000, 1), (1, 4999, 0), (3, 5000, 2), (5, 1000, 1), (4, 1000, 0),
            (14, 1000, 1), (15, 1000, 2), (999, 3333, 333), (10_000, 1, 1), (4999, 1, 0), (5000, 1, 1),
            (12_345, 1234, 1523), (100_000, 1050, 10_500),
        ] as [(Int64, Int64, Int64)])
    func `a percentage is rounded half up to the minor unit`(amount: Int64, basisPoints: Int64, expected: Int64) {
        #expect(Discount.percentage(basisPoints: basisPoints, cap: nil).amount(on: Money(amount)) == Money(expected))
    }

    /// Compares with the definition: d is the rounding of amount × v if and only if 2·10⁴·d − 10⁴ ≤ 2·amount·v < 2·10⁴·d + 10⁴.
    @Test func `every percentage of every small amount is exact`() {
        for basisPoints in stride(from: Int64(1), through: 10_000, by: 7) {
            let discount = Discount.percentage(basisPoints: basisPoints, cap: nil)
            for amount in Int64(0)...60 {
                let result = discount.amount(on: Money(amount)).minorUnits
                let twice = 2 * amount * basisPoints
                let isExact = (20_000 * result - 10_000...20_000 * result + 9_999).contains(twice)
                if !isExact || result > amount { Issue.record("\(basisPoints) of \(amount) gave \(result)") }
            }
        }
    }

    @Test func `no amount overflows`() {
        #expect(Discount.percentage(basisPoints: 10_000, cap: nil).amount(on: Money(.max)) == Money(.max))
        #expect(Discount.percentage(basisPoints: 1, cap: nil).amount(on: Money(.max)) == Money(922_337_203_685_478))
        #expect(Discount.fixed(Money(.max)).amount(on: Money(.max)) == Money(.max))
    }

    @Test func `a cap bounds a percentage`() {
        let capped = Discount.percentage(basisPoints: 5000, cap: Money(300))
        #expect(capped.amount(on: Money(600)) == Money(300))
        #expect(capped.amount(on: Money(601)) == Money(300))
        #expect(capped.amount(on: Money(599)) == Money(300))
        #expect(capped.amount(on: Money(597)) == Money(299))
    }

    @Test(arguments: [(0, 0), (1, 1), (499, 499), (500, 500), (501, 500)] as [(Int64, Int64)])
    func `a fixed discount is at most the amount`(amount: Int64, expected: Int64) {
        #expect(Discount.fixed(Money(500)).amount(on: Money(amount)) == Money(expected))
    }

    @Test func `a negative amount has no discount`() {
        #expect(Discount.fixed(Money(5)).amount(on: Money(-10)) == .zero)
        #expect(Discount.percentage(basisPoints: 5000, cap: nil).amount(on: Money(-10)) == .zero)
    }
}
