# R's answers to the questions that src/beforeafter/sensitivity/subgroups.py answers. Base R only.
#
#   Rscript tests/r/subgroups.R        from the root of the repository
#
# writes tests/r/subgroups.csv and the data sets it names to tests/r/data/;
# tests/beforeafter/sensitivity/test_subgroups.py reads both and needs no R. Answers are
# computed from the files just written. Names of statistics are names of fields in beforeafter. NA: R gives no number.

stopifnot(file.exists("data/study.yml"))
options(digits = 15, warn = 2)
set.seed(20240601, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
answers <- data.frame()

answer <- function(dataset, prefix, values) {
  names <- paste(prefix, names(values), sep = ".")
  answers <<- rbind(answers, data.frame(dataset, statistic = names, value = unlist(values)))
}

subgroups <- function(dataset, data, level = 0.95) {
  file <- file.path("tests/r/data", paste0(dataset, ".csv"))
  write.csv(data, file, row.names = FALSE, na = "", quote = FALSE)
  data <- read.csv(file, na.strings = "")
  data$change <- round(data$follow_up - data$baseline, 9)
  data <- data[!is.na(data$change), ]
  answer(dataset, "all", list(n_unknown = sum(is.na(data$group))))
  data <- data[!is.na(data$group), ]
  for (group in sort(unique(data$group))) {
    change <- data$change[data$group == group]
    n <- length(change)
    interval <- if (n > 1) t.test(change, conf.level = level)$conf.int else c(NA, NA)
    answer(dataset, paste("groups", group, sep = "."),
           list(n_pairs = n, mean = mean(change), standard_deviation = sd(change),
                lower = interval[1], upper = interval[2]))
  }
  tested <- data[data$group %in% names(which(table(data$group) > 1)), ]
  test <- oneway.test(change ~ group, tested)
  answer(dataset, "interaction",
         list(n_tested = nrow(tested), df_between = test$parameter[["num df"]],
              statistic = unname(test$statistic), df_within = test$parameter[["denom df"]],
              p = test$p.value))
  names <- sort(unique(tested$group))
  if (length(names) == 2) {
    parts <- split(tested$change, tested$group)
    test <- t.test(parts[[2]], parts[[1]], conf.level = level)
    answer(dataset, "difference",
           list(mean = mean(parts[[2]]) - mean(parts[[1]]),
                lower = test$conf.int[1], upper = test$conf.int[2]))
  }
}

# A scale in tenths, groups of unequal size and spread, losses, patients of unknown group, and one
# group of a single patient, which has a mean and is not tested.
many <- function(names, sizes, spreads) {
  group <- rep(names, sizes)
  baseline <- round(runif(length(group), 3, 10), 1)
  follow_up <- round(baseline - rnorm(length(group), 1.5, rep(spreads, sizes)), 1)
  follow_up[sample(length(group), length(group) %/% 10)] <- NA
  data.frame(baseline, follow_up, group)
}
two <- many(c("female", "male"), c(44, 31), c(1, 2.5))
two$group[c(3, 50)] <- NA
subgroups("subgroups_two", two, level = 0.9)
subgroups("subgroups_four", many(c("a", "b", "c", "d"), c(60, 25, 12, 7), c(1, 2, 3, 0.7)))
one <- rbind(many(c("a", "b"), c(20, 30), c(2, 1)),
             data.frame(baseline = 8, follow_up = 2, group = "single"))
subgroups("subgroups_single", one)

answers$value <- ifelse(is.na(answers$value), "NA", sprintf("%.15g", answers$value))
write.csv(answers, "tests/r/subgroups.csv", row.names = FALSE, quote = FALSE)
