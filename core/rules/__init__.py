"""One rule of the verifier a file: `check(plan, result) -> Check`. A rule looks at data only and words its finding."""
