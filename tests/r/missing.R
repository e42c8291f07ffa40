# R's answers to the questions of src/beforeafter/sensitivity/missing. Base R and the
# packages mice and effectsize.
#
#   Rscript tests/r/missing.R              from the root of the repository
#
# writes every data set to tests/r/data/ and every answer to tests/r/missing.csv, which
# tests/beforeafter/sensitivity/missing reads: the tests need no R. As known_answers.R,
# answers are computed from the files just written. The name of a statistic is the name of the field
# in the result of beforeafter, but for `limit` (what multiple imputation tends to as imputations
# become many, by formula) and `mice` (what the package mice gives, by simulation).

suppressMessages(library(mice))
library(effectsize)
stopifnot(file.exists("data/study.yml"))
options(digits = 15, warn = 2)

answers <- data.frame()

answer <- function(dataset, values) {
  rows <- data.frame(dataset, statistic = names(values), value = unlist(values), row.names = NULL)
  answers <<- rbind(answers, rows)
}

through_file <- function(dataset, data) {
  file <- file.path("tests/r/data", paste0(dataset, ".csv"))
  write.csv(data, file, row.names = FALSE, na = "", quote = FALSE)
  read.csv(file)
}

nested <- function(name, values) setNames(values, paste(name, names(values), sep = "."))

# ---- Who is lost ---------------------------------------------------------------------------------

summarise <- function(x) list(n_observed = length(x), mean = mean(x), standard_deviation = sd(x))

dropout <- function(b, f) {
  lost <- b[!is.na(b) & is.na(f)]
  seen <- b[!is.na(b) & !is.na(f)]
  # Of one patient there is no spread, and R stops.
  alone <- length(lost) < 2
  welch <- if (alone) list(conf.int = c(NA, NA)) else t.test(lost, seen)
  c(list(n_baseline = sum(!is.na(b)),
         difference = mean(lost) - mean(seen),
         lower = welch$conf.int[1],
         upper = welch$conf.int[2],
         standardised_difference =
           if (alone) NA else cohens_d(lost, seen, pooled_sd = TRUE)$Cohens_d),
    nested("seen", summarise(seen)), nested("lost", summarise(lost)))
}

# ---- Estimates that impute at most once ----------------------------------------------------------

of_changes <- function(change) {
  t <- t.test(change)
  list(n_patients = length(change), mean = unname(t$estimate), standard_error = t$stderr,
       lower = t$conf.int[1], upper = t$conf.int[2], p = t$p.value)
}

# Derrick, Toher and White 2017, doi:10.20982/tqmp.13.2.p120: their T_new2, written with the two
# samples as they are, patients with one visit (a, b) and pairs (c).
available <- function(b, f) {
  c <- !is.na(b) & !is.na(f)
  n1 <- sum(!is.na(f))
  n2 <- sum(!is.na(b))
  nc <- sum(c)
  na <- n1 - nc
  nb <- n2 - nc
  s1 <- sd(f, na.rm = TRUE)
  s2 <- sd(b, na.rm = TRUE)
  mean <- mean(f, na.rm = TRUE) - mean(b, na.rm = TRUE)
  error <- sqrt(s1^2 / n1 + s2^2 / n2 - 2 * cor(b[c], f[c]) * s1 * s2 * nc / (n1 * n2))
  gamma <- (s1^2 / n1 + s2^2 / n2)^2 / ((s1^2 / n1)^2 / (n1 - 1) + (s2^2 / n2)^2 / (n2 - 1))
  df <- (nc - 1) + ((gamma - nc + 1) / (na + nb + 2 * nc)) * (na + nb)
  list(n_patients = na + nb + nc, mean = mean, standard_error = error,
       lower = mean - qt(0.975, df) * error, upper = mean + qt(0.975, df) * error,
       p = 2 * pt(-abs(mean) / error, df))
}

single <- function(b, f, worst, best) {
  change <- (f - b)[!is.na(b) & !is.na(f)]
  lost <- b[!is.na(b) & is.na(f)]
  c(nested("complete_cases", of_changes(change)),
    nested("available_cases", available(b, f)),
    nested("baseline_carried_forward", of_changes(c(change, 0 * lost))),
    nested("tipping_point.worst_case", of_changes(c(change, worst - lost))),
    nested("tipping_point.best_case", of_changes(c(change, best - lost))))
}

# ---- Multiple imputation -------------------------------------------------------------------------

# Expected mean, within and between variance of the completed data over the posterior distribution
# of coefficients and residual variance (prior flat in both, the latter on the log scale).
limit <- function(b, f, x, benefit) {
  lost <- is.na(f)
  change <- (f - b)[!lost]
  fit <- lm(response ~ ., data = cbind(response = f, x)[!lost, ])
  design <- model.matrix(~ ., data = x)
  unscaled <- summary(fit)$cov.unscaled
  df <- fit$df.residual
  expected <- predict(fit, x[lost, , drop = FALSE]) - b[lost]
  n <- length(f)
  l <- sum(lost)
  s2 <- sum(resid(fit)^2) / df * df / (df - 2)
  centre <- colMeans(design[lost, , drop = FALSE])
  spread <- scale(design[lost, , drop = FALSE], scale = FALSE)
  lost_variance <- s2 * (1 / l + drop(t(centre) %*% unscaled %*% centre))
  lost_scatter <- sum((expected - mean(expected))^2) +
    s2 * sum(diag(crossprod(spread) %*% unscaled)) + s2 * (l - 1)
  seen_scatter <- sum((change - mean(change))^2)
  at <- function(shift) {
    gap <- mean(expected) + shift - mean(change)
    scatter <- seen_scatter + lost_scatter + (n - l) * l / n * (gap^2 + lost_variance)
    mean <- mean(change) + l / n * gap
    within <- scatter / (n - 1) / n
    between <- (l / n)^2 * lost_variance
    complete <- n - 1
    df <- (complete + 1) / (complete + 3) * complete * within / (within + between)
    half <- qt(0.975, df) * sqrt(within + between)
    list(mean = mean, within_variance = within, between_variance = between,
         degrees_of_freedom = df, lower = mean - half, upper = mean + half)
  }
  bound <- function(delta) min(benefit * unlist(at(-benefit * delta)[c("lower", "upper")]))
  delta <- if (bound(0) > 0) uniroot(bound, c(0, 1000), tol = 1e-12)$root else NA
  c(at(0), expected_change = mean(expected), delta = delta)
}

# mice draws every value lost; so often that its own error is small.
by_mice <- function(b, f, x, times) {
  seen <- !is.na(f)
  n <- length(f)
  one <- function(i) {
    f[!seen] <- mice.impute.norm(f, seen, as.matrix(x))
    c(mean(f - b), var(f - b) / n)
  }
  drawn <- vapply(seq_len(times), one, numeric(2))
  pooled <- pool.scalar(drawn[1, ], drawn[2, ], n = n, k = 1)
  list(times = times, mean = pooled$qbar, within_variance = pooled$ubar,
       between_variance = pooled$b, degrees_of_freedom = pooled$df)
}

missing <- function(dataset, data, worst, best, predictors, times = 4000) {
  data <- through_file(dataset, data)
  benefit <- if (worst > best) -1 else 1
  enrolled <- data[!is.na(data$baseline), ]
  x <- enrolled[predictors]
  answer(dataset, c(
    nested("dropout", dropout(data$baseline, data$follow_up)),
    single(data$baseline, data$follow_up, worst, best),
    nested("limit", limit(enrolled$baseline, enrolled$follow_up, x, benefit)),
    nested("mice", by_mice(enrolled$baseline, enrolled$follow_up, x, times)),
    multiple_imputation.n_predictors = length(predictors)
  ))
}

set.seed(20240601, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

# The reconstructed cohort as it was when this script last ran, the other outcomes as auxiliaries.
cohort <- read.csv("data/cohort.csv")
outcomes <- sub("_day0$", "", grep("_day0$", names(cohort), value = TRUE))
ends <- list(nrs = c(10, 0), npsi = c(100, 0), sf12_mental = c(0, 100), sf12_physical = c(0, 100),
             hads_anxiety = c(21, 0), hads_depression = c(21, 0))
for (name in outcomes) {
  others <- setdiff(outcomes, name)
  data <- setNames(cohort[paste0(c(name, others), "_day0")], c("baseline", paste0("other_", 1:5)))
  data$follow_up <- cohort[[paste0(name, "_day30")]]
  missing(paste0("missing_", name), data, ends[[name]][1], ends[[name]][2],
          c("baseline", paste0("other_", 1:5)))
}

# Missing at random: the worse at baseline the likelier lost. Some have no baseline; the second
# auxiliary is not known in everyone who has, so it is no predictor.
n <- 70
severity <- rnorm(n)
mar <- data.frame(baseline = round(6 + 1.5 * severity + rnorm(n), 1),
                  other_1 = round(50 + 10 * severity + rnorm(n, 0, 8)),
                  other_2 = round(30 + 5 * severity + rnorm(n, 0, 5)))
mar$follow_up <- round(mar$baseline - 1.5 + 0.5 * severity + rnorm(n, 0, 1.5), 1)
mar$follow_up[runif(n) < plogis(-1 + 1.5 * severity)] <- NA
mar$baseline[c(3, 11, 27)] <- NA
mar$other_2[5] <- NA
missing("missing_at_random", mar, 12, -2, c("baseline", "other_1"))

# A cohort too small for both auxiliaries: eight pairs carry two predictors. One patient is lost.
missing("missing_few", data.frame(
  baseline  = c(8, 7, 10, 6, 9, 7, 5, 8, 9),
  other_1   = c(3, 5, 4, 2, 6, 3, 3, 7, 9),
  other_2   = c(1, 0, 1, 1, 0, 2, 2, 1, 4),
  follow_up = c(4, 5, 7, 4, 4, 6, 3, 5, NA)
), 10, 0, c("baseline", "other_1"))

answers$value <- ifelse(is.na(answers$value), "NA", sprintf("%.15g", answers$value))
write.csv(answers, "tests/r/missing.csv", row.names = FALSE, quote = FALSE)
