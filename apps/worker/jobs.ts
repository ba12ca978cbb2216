export {
  type DeadJob,
  deadJobs,
  type Job,
  type JobState,
  jobStates,
  listJobs,
  type QueueCount,
  queueCounts,
  retryJob,
} from "@jukebase/platform/job-list.ts";
