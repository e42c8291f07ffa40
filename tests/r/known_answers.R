# R's answers to the questions that src/beforeafter/estimates answers. Base R and the packages
# coin and exactRankTests (Debian: r-cran-coin, r-cran-exactranktests). For durations see duration.R.
#
#   Rscript tests/r/known_answers.R        from the root of the repository
#
# writes every data set to tests/r/data/ and every answer to tests/r/known_answers.csv, which
# tests/beforeafter/estimates/change reads: the tests need no R. Answers are computed from the
# files just written, so that R and Python see the same digits. The name of a statistic is the
# name of the field in the result of beforeafter. NA: R gives no number.

library(coin)
suppressPackageStartupMessages(library(exactRankTests))
stopifnot(file.exists("data/study.yml"))
options(digits = 15, warn = 2)

folder <- "tests/r/data"
answers <- data.frame()

answer <- function(dataset, values) {
  rows <- data.frame(dataset, statistic = names(values), value = unlist(values), row.names = NULL)
  answers <<- rbind(answers, rows)
}

through_file <- function(dataset, data) {
  file <- file.path(folder, paste0(dataset, ".csv"))
  write.csv(data, file, row.names = FALSE, na = "", quote = FALSE)
  read.csv(file)
}

# ---- Change between two visits -------------------------------------------------------------------

# Values of the noncentrality at which the observed t lies in either tail.
noncentral_limit <- function(t, df, tail) {
  # pt() loses its last digits far from the root and says so by a warning.
  distance <- function(ncp) suppressWarnings(pt(t, df, ncp = ncp)) - tail
  uniroot(distance, t + c(-8, 8) * (1 + abs(t) / sqrt(2 * df)), tol = 1e-13)$root
}

# The score interval without continuity correction is Wilson's.
wilson <- function(count, n, level) {
  interval <- suppressWarnings(prop.test(count, n, conf.level = level, correct = FALSE)$conf.int)
  list(n_observed = n, count = count, proportion = count / n,
       lower = interval[1], upper = interval[2])
}

summarise <- function(x) {
  x <- x[!is.na(x)]
  list(n_observed = length(x), mean = mean(x), standard_deviation = sd(x))
}

nested <- function(name, values) setNames(values, paste(name, names(values), sep = "."))

responders <- function(b, f, better, threshold, level) {
  with_base <- b != 0
  gain <- if (better == "lower") b - f else f - b
  # Rounded, so that 40.3 counts as 30% above 31 although 40.3 - 31 is 9.299999999999997.
  responds <- round(100 * gain - threshold * abs(b), 9) >= 0
  wilson(sum(responds[with_base]), sum(with_base), level)
}

# Changes in whole tenths: equal changes of a scale in tenths differ in their last binary digit,
# and would not be ties.
tenths <- function(x) round(10 * x)

# Exact while beforeafter lists the sums of doubled ranks, asymptotic beyond.
listed <- function(doubled) length(doubled) * sum(doubled) <= 5e7

signed_rank <- function(change) {
  if (all(change == 0)) return(list(statistic = 0, p = 1))
  ranks <- rank(abs(change))
  test <- wilcoxsign_test(change ~ numeric(length(change)), zero.method = "Pratt",
                          distribution = if (listed(2 * ranks[change != 0])) "exact" else
                            "asymptotic")
  list(statistic = sum(ranks[change > 0]), p = as.numeric(pvalue(test)))
}

# The median of all means of two changes; and the span of the centres that the test above does not
# reject, each mean and the middle between each two being tried. Of many changes: the ranks at which
# the normal distribution cuts the means.
pseudo_median <- function(change, level) {
  n <- length(change)
  means <- outer(change, change, "+") / 20
  means <- sort(means[lower.tri(means, diag = TRUE)])
  if (!listed(2 * seq_len(n))) {
    cut <- floor(n * (n + 1) / 4 + qnorm((1 - level) / 2) * sqrt(n * (n + 1) * (2 * n + 1) / 24))
    limits <- c(means[cut], means[length(means) + 1 - cut])
  } else if (2^(1 - n) > 1 - level) {
    limits <- c(NA, NA)
  } else {
    # In whole twentieths, so that ties are ties.
    at <- unique(round(20 * means))
    low <- c(at, head(at, -1))
    high <- c(at, tail(at, -1))
    centre <- (low + high) / 2
    held <- vapply(centre, function(c) signed_rank(4 * change - 2 * c)$p > 1 - level, logical(1))
    limits <- c(min(low[held]), max(high[held])) / 20
  }
  list(estimate = median(means), lower = limits[1], upper = limits[2])
}

# Where each of n normal numbers, in order, has its median and its limits: those of Durbin (1973) for
# numbers measured from their own mean, in their own standard deviation.
quantiles <- function(change, level) {
  i <- seq_along(change)
  at <- function(share) qnorm(qbeta(share, i, length(i) + 1 - i))
  z <- at(0.5)
  known <- pnorm(z) * (1 - pnorm(z)) / dnorm(z)^2
  limit <- function(share) z + sqrt((known - 1 - z^2 / 2) / known) * (at(share) - z)
  answer <- list(observed = sort(scale(change)), expected = z,
                 lower = limit((1 - level) / 2), upper = limit((1 + level) / 2))
  unlist(lapply(answer, function(values) setNames(values, i)))
}

hedges <- function(m) exp(lgamma(m / 2) - lgamma((m - 1) / 2)) / sqrt(m / 2)

paired <- function(dataset, data, better = "lower", level = 0.95) {
  data <- through_file(dataset, data)
  both <- complete.cases(data)
  b <- data$baseline[both]
  f <- data$follow_up[both]
  n <- length(b)
  change <- f - b
  t <- t.test(f, b, paired = TRUE, conf.level = level)
  tail <- (1 - level) / 2
  limit <- function(p) noncentral_limit(unname(t$statistic), n - 1, p) / sqrt(n)
  d <- c(mean(change) / sd(change), limit(1 - tail), limit(tail))
  average <- sd(change) / mean(c(sd(b), sd(f)))
  answer(dataset, c(
    nested("baseline", summarise(data$baseline)),
    nested("follow_up", summarise(data$follow_up)),
    nested("paired_baseline", summarise(b)),
    list(n_pairs = n,
         correlation = cor(b, f),
         change.mean = unname(t$estimate),
         change.standard_deviation = sd(change),
         change.standard_error = t$stderr,
         change.lower = t$conf.int[1],
         change.upper = t$conf.int[2],
         percentages.between_means = 100 * (mean(f) - mean(b)) / mean(b),
         percentages.mean_of_individual = mean((100 * change / b)[b != 0]),
         t_test.statistic = unname(t$statistic),
         t_test.p = t$p.value,
         permutation.statistic = mean(change),
         permutation.p = perm.test(tenths(change), paired = FALSE, exact = TRUE)$p.value),
    nested("wilcoxon", signed_rank(tenths(change))),
    nested("hodges_lehmann", pseudo_median(tenths(change), level)),
    setNames(d, paste0("standardised.d_z", c("", "_lower", "_upper"))),
    setNames(d * average, paste0("standardised.d_av", c("", "_lower", "_upper"))),
    setNames(d * hedges(n - 1), paste0("standardised.g_z", c("", "_lower", "_upper"))),
    setNames(d * average * hedges(n - 1), paste0("standardised.g_av", c("", "_lower", "_upper"))),
    if (n < 20) nested("quantiles", quantiles(change, level)),
    nested("beyond_minimal", wilson(sum(round(if (better == "lower") -change else change, 9) >= 2),
                                    n, level)),
    nested("at_least_30", responders(b, f, better, 30, level)),
    nested("at_least_50", responders(b, f, better, 50, level))
  ))
}

# Ties, changes of zero, a baseline of zero, patients exactly at a threshold, missing values.
paired("hand", data.frame(
  baseline  = c(8, 7, 10, 6, 9, 7, 5, 8, 0, NA, 10, 4, NA, 6),
  follow_up = c(5, 7,  7, 6, 4, 8, 2, 4, 1,  3,  5, 2, NA, NA)
))

# Student's own data: extra hours of sleep under two drugs. At 90%, to see the level in use.
paired("sleep", level = 0.90, data.frame(
  baseline = sleep$extra[sleep$group == 1],
  follow_up = sleep$extra[sleep$group == 2]
))

# A scale from 0 to 10 in many patients, with losses at both visits.
set.seed(20240601, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
scale_0_10 <- function(x) pmin(pmax(round(x), 0), 10)
before <- scale_0_10(rnorm(400, 7, 1.8))
after <- scale_0_10(before - rnorm(400, 1.5, 2.2))
before[sample(400, 11)] <- NA
after[sample(400, 45)] <- NA
paired("scale", data.frame(baseline = before, follow_up = after))

# A scale in tenths with the same change in several patients, 40.3 being 30% above 31 exactly.
paired("tenths", better = "higher", data.frame(
  baseline  = c(31.0, 30.4, 31.4, 32.3, 33.1, 20.1, 40.7, 35.2, 28.9, 30.2),
  follow_up = c(40.3, 31.4, 32.4, 33.3, 34.1, 19.1, 39.7, 44.5, 38.2, 30.2)
))

# The reconstructed cohort as it was when this script last ran.
cohort <- read.csv("data/cohort.csv")
for (name in sub("_day0$", "", grep("_day0$", names(cohort), value = TRUE))) {
  paired(paste0("cohort_", name), better = if (startsWith(name, "sf12")) "higher" else "lower",
         data.frame(baseline = cohort[[paste0(name, "_day0")]],
                    follow_up = cohort[[paste0(name, "_day30")]]))
}

# ---- Proportions ---------------------------------------------------------------------------------

# The last five: responders of all treated, those lost being counted as without response.
for (part in list(c(55, 80), c(29, 80), c(18, 80), c(0, 10), c(10, 10), c(1, 1), c(3, 7),
                  c(55, 89), c(29, 89), c(36, 89), c(17, 89), c(44, 89))) {
  for (level in c(0.90, 0.95)) {
    answer("wilson", nested(sprintf("%g/%g at %g", part[1], part[2], level),
                            wilson(part[1], part[2], level)[c("lower", "upper")]))
  }
}

answers$value <- ifelse(is.na(answers$value), "NA", sprintf("%.15g", answers$value))
write.csv(answers, "tests/r/known_answers.csv", row.names = FALSE, quote = FALSE)
