//! A store that fails at single writes, with the real program.

use crate::project;
use crate::proxy::{Fault, Proxy};
use crate::servers::{Bucket, Kind};
use crate::support::{Sandbox, numbered};

#[test]
fn one_failed_write_loses_nothing() {
    for fault in Fault::ALL {
        // The writes of a run: lock, epoch, intent, outcome, state, history, release.
        for write in 0..7 {
            let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
            let (mut ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
            ann.templates(&numbered(1..=1));
            ann.apply().exits(0);
            let proxy = Proxy::before(bucket.address);
            ann.set_env("AWS_ENDPOINT_URL", &format!("http://{}", proxy.address));
            ann.templates(&numbered(1..=3));
            proxy.goes_wrong(write, fault);
            ann.apply().exits(0);
            assert!(!proxy.is_waiting(), "{fault:?} at {write} did not happen");
            // No lock is left behind.
            bob.apply_at_once().exits(0);
            bob.run(&["plan"]).exits(0).says("No changes.");
            assert_eq!(sandbox.templates().len(), 3, "{fault:?} at {write}");
            sandbox.assert_no_double_create();
        }
    }
}
