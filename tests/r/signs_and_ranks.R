# R's p-values of sign, signed-rank, McNemar's and chi-squared tests, by every rule that R has.
# Base R and the packages coin and exactRankTests (Debian: r-cran-coin, r-cran-exactranktests).
#
#   Rscript tests/r/signs_and_ranks.R      from the root of the repository
#
# writes tests/r/signs_and_ranks.csv, which tests/reported/checks reads: the tests need no R.

suppressPackageStartupMessages({library(coin); library(exactRankTests)})
options(digits = 15)
set.seed(20)
rows <- data.frame()

add <- function(test, rule, data, p) {
  row <- data.frame(test, rule, data = paste(data, collapse = " "), p = sprintf("%.15g", p))
  rows <<- rbind(rows, row)
}

for (n in c(5, 7, 9, 12, 20, 35)) {
  for (top in c(2, 5, 30)) {
    change <- sample(-top:top, n, replace = TRUE) + sample(0:1, 1)
    moved <- change[change != 0]
    if (length(moved) < 3) next
    for (sides in c("two.sided", if (sum(change) > 0) "greater" else "less")) {
      for (correct in c(TRUE, FALSE)) {
        found <- suppressWarnings(wilcox.test(change, alternative = sides, exact = FALSE, correct = correct))
        if (sides == "two.sided") add("wilcoxon", paste("normal", correct), change, found$p.value)
      }
      untied <- !any(duplicated(abs(change))) && !any(change == 0)
      if (untied) add("wilcoxon", paste("exact", sides), change, wilcox.test(change, alternative = sides)$p.value)
    }
    add("wilcoxon", "exact with ties", change, wilcox.exact(moved)$p.value)
    for (zeros in c("Pratt", "Wilcoxon")) {
      pairs <- wilcoxsign_test(change ~ rep(0, n), zero.method = zeros)
      add("wilcoxon", paste("coin", zeros), change, pvalue(pairs))
      exact <- wilcoxsign_test(change ~ rep(0, n), zero.method = zeros, distribution = "exact")
      add("wilcoxon", paste("coin exact", zeros), change, pvalue(exact))
    }
    add("sign", "exact", change, binom.test(sum(change > 0), length(moved))$p.value)
  }
}
for (cells in list(c(12, 9, 2, 7), c(20, 14, 3, 3), c(30, 5, 6, 9), c(4, 8, 0, 3))) {
  table <- matrix(cells, 2)
  for (correct in c(TRUE, FALSE)) {
    add("mcnemar", paste("chi-squared", correct), cells, mcnemar.test(table, correct = correct)$p.value)
  }
  add("mcnemar", "exact", cells, binom.test(cells[2], cells[2] + cells[3])$p.value)
  for (correct in c(TRUE, FALSE)) {
    found <- suppressWarnings(chisq.test(table, correct = correct))
    add("between", paste("chi-squared", correct), cells, found$p.value)
  }
  add("between", "fisher", cells, fisher.test(table)$p.value)
}
write.csv(rows, "tests/r/signs_and_ranks.csv", row.names = FALSE)
