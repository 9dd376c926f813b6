#!/bin/sh
# Prints the state of the job whose id is given, in Snakemake's words: running, success or failed. Snakemake asks every few seconds.
if state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>&1); then
  case $state in
    COMPLETED) echo success ;;
    PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | STOPPED | SIGNALING | STAGE_OUT | REQUEUE*) echo running ;;
    *) echo failed ;;
  esac
else
  # A scheduler that does not answer says nothing about the job. A job that it has forgotten counts as failed: the next attempt
  # replays the job's journal, so no call is sent again.
  case $state in
    *"Invalid job id"*) echo failed ;;
    *) echo running ;;
  esac
fi
