# Opens the example in readr and checks types and values. Run by TestInterop.
library(readr)
d <- read_csv(file.path(commandArgs(TRUE)[1], "example.csv"), show_col_types = FALSE)
stopifnot(nrow(d) == 3, names(d)[1] == "post_id", is.character(d$post_id), d$post_id[1] == "x:1940812345678901234")
stopifnot(inherits(d$created_at, "POSIXct"), as.numeric(d$created_at[1]) == 1751572800.12)
stopifnot(is.double(d$p_agree), d$p_agree[1] == 0.8, is.na(d$p_agree[3]), d$likes[2] == -3, is.logical(d$text_truncated))
cat("readr", as.character(packageVersion("readr")), "read it with the right types\n")
