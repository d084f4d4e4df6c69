pub struct IngestQueue;
